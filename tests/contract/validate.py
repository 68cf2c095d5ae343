"""Validates OpenAPI documents as OpenAPI 3.1: scripts/python tests/contract/validate.py FILE…"""

import json
import sys

from openapi_spec_validator import OpenAPIV31SpecValidator

# More would only bury the first.
SHOWN = 20


def main(files):
    """0 where all documents are valid."""
    faults = 0
    for file in files:
        with open(file, encoding="utf-8") as stream:
            document = json.load(stream)
        errors = [] if document.get("openapi", "").startswith("3.1.") else [f"openapi is {document.get('openapi')!r}, not 3.1"]
        for error in OpenAPIV31SpecValidator(document).iter_errors():
            place = "/".join(str(step) for step in error.absolute_path)
            errors.append(f"{place or 'the document'}: {error.message[:300]}")
        for error in errors[:SHOWN]:
            print(f"{file}: {error}", file=sys.stderr)
        if len(errors) > SHOWN:
            print(f"{file}: and {len(errors) - SHOWN} more", file=sys.stderr)
        faults += len(errors)
        print(f"{file}: {len(document.get('paths', {}))} paths, {len(errors)} faults")
    return 1 if faults or not files else 0


sys.exit(main(sys.argv[1:]))
