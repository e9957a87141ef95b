"""What an operation costs besides the work: on ten elements, a thousand times."""

from benchmarks.datasets import DATASETS
from benchmarks.operations import SMALL, Case, Operation
from benchmarks.timing import compile_first

N = 10
TIMES = 1000

_BY_NAME = {operation.name: operation for operation in SMALL}


class Overhead:
    """NumPy, a compact array that is plain because it is small, and an encoded one."""

    params = (["numpy", "plain", "compact"], ["counts", "prices", "mask"], list(_BY_NAME))
    param_names = ("kind", "data", "operation")
    case: Case
    operation: Operation

    def setup(self, kind: str, data: str, operation: str) -> None:
        self.operation = _BY_NAME[operation]
        values = DATASETS[data](N)
        if not self.operation.applies(data, values.dtype):
            raise NotImplementedError(f"{operation} is not for {values.dtype}")
        compile_first()
        self.case = Case(kind, values)
        self.operation.prepare(self.case)

    def time_thousand(self, kind: str, data: str, operation: str) -> None:
        run, case = self.operation.run, self.case
        for _ in range(TIMES):
            run(case)
