"""Outlets: where digests go besides the mail, and sending what is queued for them."""
