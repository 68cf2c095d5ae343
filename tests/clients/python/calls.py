"""Which methods of the postgrest package's builders the tests call: every public one is wrapped."""

import functools
import importlib
import inspect
import sys

PACKAGE = "postgrest"
MODULES = ["base_client", "base_request_builder", "_sync.client", "_sync.request_builder", "_async.client", "_async.request_builder"]


def methods():
    """Every public method and property of clients and builders, as (class, name, what it is)."""
    classes = set()
    for module in MODULES:
        for thing in vars(importlib.import_module(f"{PACKAGE}.{module}")).values():
            if inspect.isclass(thing) and thing.__module__.startswith(PACKAGE) and thing.__name__.endswith(("Client", "Builder")):
                classes.add(thing)
    for owner in sorted(classes, key=lambda owner: owner.__name__):
        for name, attribute in vars(owner).items():
            if not name.startswith("_") and (inspect.isfunction(attribute) or isinstance(attribute, property)):
                yield owner, name, attribute


def record():
    """Gives the set of all methods and one that fills with those that are called from now on, but for the package's own
    calls."""
    there, called = set(), set()
    for owner, name, attribute in list(methods()):
        label = f"{owner.__name__}.{name}"
        there.add(label)
        if isinstance(attribute, property):
            setattr(owner, name, property(noting(label, called, attribute.fget)))
        else:
            setattr(owner, name, noting(label, called, attribute))
    return there, called


def noting(label, called, function):
    """The function, which notes that it is called."""

    @functools.wraps(function)
    def noted(*given, **named):
        if not sys._getframe(1).f_globals.get("__name__", "").startswith(PACKAGE):
            called.add(label)
        return function(*given, **named)

    return noted
