"""Pages as people use them: a real browser on a real `broadsheet up --demo`, with script and without."""
