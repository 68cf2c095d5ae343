"""Runs every test of the Python client, then asks whether each method of its builders was called."""

import pathlib
import sys
import unittest

import calls


def main():
    there, called = calls.record()
    suite = unittest.defaultTestLoader.discover(str(pathlib.Path(__file__).parent))
    passed = unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful()
    uncalled = sorted(there - called)
    if uncalled:
        print(f"no test calls {', '.join(uncalled)}", file=sys.stderr)
    print(f"{len(there)} methods of the builders, {len(uncalled)} uncalled")
    sys.exit(0 if passed and not uncalled else 1)


main()
