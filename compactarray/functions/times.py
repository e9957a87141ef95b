"""Business days, and times as text: of single elements, tile by tile."""

from typing import Any

import numpy as np

from compactarray.functions.asking import of_elements, register_elementwise
from compactarray.functions.common import dense
from compactarray.registry import implements

register_elementwise(np.busday_count, "begindates enddates", unserved="out")
register_elementwise(np.busday_offset, "dates offsets", unserved="out")
register_elementwise(np.is_busday, "dates", unserved="out")


@implements(np.datetime_as_string, route="native", inline=True)
def datetime_as_string(arr: Any, unit: Any = None, timezone: Any = "naive", casting: Any = "same_kind") -> Any:
    """As numpy.datetime_as_string; if all elements decide which unit it is: dense."""
    if unit == "auto":
        return dense(np.datetime_as_string, arr, unit, timezone, casting)
    return of_elements(lambda tile: np.datetime_as_string(tile, unit, timezone, casting), arr)
