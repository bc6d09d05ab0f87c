"""`./run bench [NAME…] [--quick]`: run benchmarks and print their tables."""

import argparse
import importlib
import sys

from bench.report import markdown

# Imported when they run, so that the memory of one is not the memory of all.
BENCHMARKS = {
    "import": ("bench.imports", "run", "rows/s of the 2025 listings, beside bare tantivy"),
    "import-long": ("bench.imports", "run_long", "memory and rate over a file of 1 million made rows"),
    "search": ("bench.searches", "run", "words, meaning and both at 1 million papers, beside bare tantivy"),
    "vectors": ("bench.nearness", "run", "recall of the vector pass at 1 million against exact scores, with filters"),
    "feeds": ("bench.feeds", "run", "a feed that is made, one that is remembered, and asking whether there is news"),
    "pages": ("bench.pages", "run", "pages with twenty readers at once, beside bare FastAPI and Jinja"),
    "digest": ("bench.digests", "run", "digests composed, and handed over beside bare smtplib"),
    "startup": ("bench.startup", "run", "--help and searches from the shell, beside the libraries they stand on"),
    "relevance": ("bench.quality", "run_relevance", "nDCG and recall on the test collections"),
    "recommend": ("bench.recommends", "run", "lists for one reader and for ten thousand, an interest learnt"),
    "identity": ("bench.quality", "run_identity", "the same work or not, on labelled pairs"),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run bench", formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.description = "What can be measured:\n" + "\n".join(f"  {n:12} {b[2]}" for n, b in BENCHMARKS.items())
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to measure, or `all`")
    parser.add_argument("--quick", action="store_true", help="small numbers, to see that it runs")
    asked = parser.parse_args()
    if not asked.names:
        parser.print_help()
        return 0
    unknown = set(asked.names) - {*BENCHMARKS, "all"}
    if unknown:
        parser.error(f"no benchmark called {', '.join(sorted(unknown))}")
    for name in BENCHMARKS if "all" in asked.names else asked.names:
        module, function, _ = BENCHMARKS[name]
        print(markdown(getattr(importlib.import_module(module), function)(quick=asked.quick)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
