"""Pages, feeds and interfaces: one application over one library, made on the server, and whole without script."""
