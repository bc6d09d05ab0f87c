"""Benchmarks: each module measures one thing beside a plain baseline in the same run and prints one table.

Nothing here is asserted, as time is not the code's alone. Data come from the folder `shared` beside the checkout; what
is built along the way stays in `.bench/`, or where `$BROADSHEET_BENCH` says, and is used again.
"""
