"""The digest: what a reader gets for an edition, as a page, as a mail, and how the mail is handed over."""
