"""One paper: all that is known of it, and a person's word on which works are one."""
