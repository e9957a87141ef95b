"""As numpy.strings, with compact arrays for results."""

from compactarray.namespace.table import mirrored

__getattr__, __dir__ = mirrored("numpy.strings", globals())
