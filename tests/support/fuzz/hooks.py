"""What schemathesis cannot know by itself: how NDJSON is written, and which site exists."""

import re
from itertools import count

import schemathesis

SITE_ID = re.compile(r"[A-Za-z0-9_-]{2,32}")
turns = count()


@schemathesis.serializer("application/x-ndjson")
def ndjson(ctx: schemathesis.SerializationContext, value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return str(value).encode("utf-8", errors="surrogatepass")


@schemathesis.hook
def before_call(ctx: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict) -> None:
    """Of the invented sites all but one in eight become the one that exists, or every answer would be 404."""
    if next(turns) % 8 == 0:
        return
    items = case.body if isinstance(case.body, list) else [case.body]
    for fields in [*items, case.query, case.path_parameters]:
        if not isinstance(fields, dict):
            continue
        for name in ("s", "site"):
            value = fields.get(name)
            if isinstance(value, str) and SITE_ID.fullmatch(value):
                fields[name] = "demo"
