"""Papers into the library: asked for, read from files, taken in; counts of them asked for again."""
