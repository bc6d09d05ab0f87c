"""Use cases: each page, command and route is one call here. Wiring and transactions only; decisions are made below."""
