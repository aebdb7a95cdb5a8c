"""HiGHS behind calls that are all checked: a program goes in as arrays, options and runs either work or raise.

Notes on HiGHS (1.10 to 1.15, through highspy) that shape this file:

* `setOptionValue` answers an unknown name or a bad value with a return code and otherwise carries on.
* Matrix entries of `small_matrix_value` and less are dropped with a warning; the default 1e-9 is far too large here.
* `time_limit` is compared with a clock that adds up over all runs of one object.
* `run` releases the interpreter lock but never looks at signals. Its interrupt callbacks may be switched on while it
  runs, so they cost nothing until Ctrl-C is pressed.
* Presolve (1.15) can call a program infeasible when an integer column has fractional bounds; they are rounded here.
* Presolve (1.15) prints to standard output, whatever it was told, where it takes one of two parallel columns out that
  has no lower bound; so parallel columns stay where there are columns without one, but for large programs, which take
  up to three times as long then.
"""

from __future__ import annotations

import atexit
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from operator import index
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from solvers.backend import Settings, Start
from solvers.highs_method import choose_method
from solvers.program import FloatArray, IntArray, LinearProgram, whole_bounds
from solvers.solution import Basis, SolverError

SMALL = 1e-12  # HiGHS's least setting: entries up to this size are dropped, and the residual check sees the effect
SCALED = 2  # HiGHS's usual scaling
MANY = 500  # rows from which the basis is read in the faster way
LARGE = 100_000  # nonzeros
PARALLEL = 1 << 13  # in `presolve_rule_off`: parallel rows and columns
GRACE = 5.0  # seconds that an interrupted run may take to stop; PDLP never does, and is left behind
QUICK = 20_000  # a linear program with fewer nonzeros runs in the calling thread, which saves starting another
_DEFAULTS: dict[str, Any] = {
    "output_flag": False,  # first, so that the other settings are silent
    "small_matrix_value": SMALL,
    "mip_abs_gap": 0.0,
    "infinite_bound": float("inf"),
    "infinite_cost": float("inf"),
}


class Engine:
    """One HiGHS object that holds `program`. Raises SolverError when HiGHS refuses an option or the program."""

    def __init__(self, program: LinearProgram, settings: Settings) -> None:
        self.highs = _new()
        self.quick = program.nonzero_count < QUICK and not program.is_integer
        for name, value in (_DEFAULTS | _from(program, settings) | settings.options).items():
            self.set_option(name, value)
        _pass_program(self.highs, program)
        if settings.start is not None:
            self._begin_at(settings.start, program)

    def _begin_at(self, start: Start, program: LinearProgram) -> None:
        if start.point is not None and program.is_integer:
            self.set_point(start.point)
        if start.basis is not None and not program.is_integer:
            self.set_basis(start.basis)

    def set_option(self, name: str, value: Any) -> None:
        plain = value.item() if isinstance(value, np.generic) else value
        try:
            status = self.highs.setOptionValue(name, plain)
        except TypeError:
            status = highspy.HighsStatus.kError
        if status != highspy.HighsStatus.kOk:
            raise SolverError(f"solver 'highs' does not take an option: {name} = {value!r}")

    def option(self, name: str) -> Any:
        status, value = self.highs.getOptionValue(name)
        _require_ok(status, f"getOptionValue({name})")
        return value

    def run(self, deadline: float | None = None) -> str:
        """Solve, until `deadline` (of `time.perf_counter`) at most; returns the name of HiGHS's model status."""
        if deadline is not None:
            left = max(deadline - time.perf_counter(), 0.0)
            self.set_option("time_limit", self.highs.getRunTime() + left)
        status = self.highs.run() if self.quick else _run_interruptibly(self.highs)
        name = str(self.highs.getModelStatus().name)
        if status == highspy.HighsStatus.kError and name in ("kOptimal", "kInfeasible", "kUnbounded"):
            return "kSolveError"
        return name

    def run_afresh(self, deadline: float | None = None) -> str:
        """Forget basis and solution, and solve the program as it was passed, without presolve.

        The simplex method does it, whatever method was asked for: what a first-order method left unfinished needs it.
        """
        careful = {"presolve": "off", "solver": "simplex", "simplex_scale_strategy": SCALED}
        usual = {name: self.option(name) for name in careful}
        _require_ok(self.highs.clearSolver(), "clearSolver")
        for name, value in careful.items():
            self.set_option(name, value)
        try:
            return self.run(deadline)
        finally:
            for name, value in usual.items():
                self.set_option(name, value)

    def add_rows(self, rows: csr_array, lower: FloatArray, upper: FloatArray) -> None:
        """Add rows below; `rows` in canonical form."""
        arrays = (rows.indptr[:-1].astype(np.int32), rows.indices.astype(np.int32), rows.data.astype(float))
        status = self.highs.addRows(rows.shape[0], lower, upper, rows.nnz, *arrays)
        _require_passed(status, rows, "addRows")

    def drop_rows(self, rows: IntArray) -> None:
        """Take rows out. A basis in which they were basic is one of what is left, and kept where HiGHS forgets it."""
        kept = self.highs.getBasis()
        _require_ok(self.highs.deleteRows(len(rows), rows.astype(np.int32)), "deleteRows")
        basis = None if self.highs.getBasis().valid else _basis(kept)
        if basis is not None and not (basis.rows[rows] != 0).any():
            self.set_basis(Basis(basis.columns, np.delete(basis.rows, rows)))

    def set_upper(self, columns: IntArray, upper: FloatArray) -> None:
        """Change upper bounds of columns whose lower bounds are 0."""
        arrays = (columns.astype(np.int32), np.zeros(len(columns)), upper.astype(float))
        _require_ok(self.highs.changeColsBounds(len(columns), *arrays), "changeColsBounds")

    def set_cost(self, cost: FloatArray) -> None:
        """Change the costs of all columns."""
        columns = np.arange(len(cost), dtype=np.int32)
        _require_ok(self.highs.changeColsCost(len(cost), columns, cost.astype(float)), "changeColsCost")

    def x(self) -> FloatArray | None:
        solution = self.highs.getSolution()
        return np.array(solution.col_value) if solution.value_valid else None

    def row_dual(self) -> FloatArray | None:
        solution = self.highs.getSolution()
        return np.array(solution.row_dual) if solution.dual_valid else None

    def ray(self) -> FloatArray | None:
        """HiGHS's primal ray (n,), unchecked, where it has one; asking for one it has not would start another solve."""
        if not self.highs.getPrimalRayExist()[1]:
            return None
        status, there, ray = self.highs.getPrimalRay()
        return np.array(ray) if there and status == highspy.HighsStatus.kOk else None

    def dual_ray(self) -> FloatArray | None:
        """HiGHS's dual ray (m,), unchecked, where it has one; asking for one it has not would start another solve."""
        if not self.highs.getDualRayExist()[1]:
            return None
        status, there, ray = self.highs.getDualRay()
        return np.array(ray) if there and status == highspy.HighsStatus.kOk else None

    def basis(self) -> Basis | None:
        return _basis(self.highs.getBasis())

    def vertex(self, program: LinearProgram) -> Basis | None:
        """The basis of an optimum of `program`, which this object holds: which columns and rows are basic, the others
        at the nearer of their bounds. For large programs: asking HiGHS for the status of each takes ten times as long.

        Without a nonzero HiGHS (1.15) does not run the simplex method, and then crashes when asked what is basic.
        """
        solution = self.highs.getSolution()
        if program.row_count < MANY or not (self.highs.getNumNz() and solution.value_valid):
            return self.basis()
        status, basic = self.highs.getBasicVariables()
        if status != highspy.HighsStatus.kOk:
            return self.basis()
        columns = _nearer(np.array(solution.col_value), program.column_lower, program.column_upper)
        rows = _nearer(np.array(solution.row_value), program.row_lower, program.row_upper)
        columns[basic[basic >= 0]] = 0
        rows[-1 - basic[basic < 0]] = 0
        return Basis(columns, rows)

    def set_basis(self, basis: Basis) -> None:
        """Start the next run from `basis`. Raises SolverError where HiGHS refuses it."""
        start = highspy.HighsBasis()
        start.valid = True
        start.col_status = [_STATUSES[code] for code in basis.columns.tolist()]
        start.row_status = [_STATUSES[code] for code in basis.rows.tolist()]
        _require_ok(self.highs.setBasis(start), "setBasis")

    def set_point(self, x: FloatArray) -> None:
        """Begin branch and bound with `x` (n,) as incumbent, if it is feasible. Raises SolverError where HiGHS refuses
        it."""
        start = highspy.HighsSolution()
        start.col_value = x.tolist()
        _require_ok(self.highs.setSolution(start), "setSolution")

    def set_near(self, x: FloatArray, row_dual: FloatArray) -> None:
        """Begin PDLP at `x` (n,) and `row_dual` (m,). Raises SolverError where HiGHS refuses them."""
        start = highspy.HighsSolution()
        start.col_value, start.row_dual = x.tolist(), row_dual.tolist()
        _require_ok(self.highs.setSolution(start), "setSolution")

    def iterations(self) -> int:
        """Iterations of whichever method ran last."""
        info = self.highs.getInfo()
        methods = ("simplex", "ipm", "crossover", "pdlp")
        return int(sum(max(getattr(info, f"{method}_iteration_count"), 0) for method in methods))

    def bound(self) -> float:
        return float(self.highs.getInfo().mip_dual_bound)


@cache
def version() -> str:
    """The version of the HiGHS library."""
    return str(_new().version())


def _new() -> Any:
    """A HiGHS object. Untyped: highspy's stubs lack half of its methods."""
    create: Any = highspy.Highs
    return create()


def _from(program: LinearProgram, settings: Settings) -> dict[str, Any]:
    tolerance = settings.tolerance
    options: dict[str, Any] = {"primal_feasibility_tolerance": tolerance, "dual_feasibility_tolerance": tolerance}
    if program.nonzero_count < LARGE and np.isneginf(program.column_lower).any():
        options["presolve_rule_off"] = PARALLEL
    if program.is_integer:
        return options | {"mip_feasibility_tolerance": tolerance, "mip_rel_gap": settings.gap}
    return options | choose_method(program).options


def _pass_program(highs: Any, program: LinearProgram) -> None:
    rows = program.matrix
    integer = np.zeros(program.column_count, np.int32) if program.integer is None else program.integer.astype(np.int32)
    lower, upper = whole_bounds(program)
    status = highs.passModel(
        program.column_count,
        program.row_count,
        rows.nnz,
        int(highspy.MatrixFormat.kRowwise.value),
        -1 if program.maximize else 1,
        float(program.offset),
        program.cost.astype(float),
        lower.astype(float),
        upper.astype(float),
        program.row_lower.astype(float),
        program.row_upper.astype(float),
        rows.indptr.astype(np.int32),
        rows.indices.astype(np.int32),
        rows.data.astype(float),
        integer,
    )
    _require_passed(status, rows, "passModel")


def _require_passed(status: Any, matrix: Any, call: str) -> None:
    """A warning is fine where its reason is known: entries that are too small for HiGHS."""
    dropped = bool((np.abs(matrix.data) <= SMALL).any())
    if status == highspy.HighsStatus.kError or (status == highspy.HighsStatus.kWarning and not dropped):
        size = np.abs(matrix.data) if matrix.nnz else np.zeros(1)
        raise SolverError(
            f"HiGHS refused the program in {call}: coefficients from {size.min():.3g} to {size.max():.3g}"
        )


def _require_ok(status: Any, call: str) -> None:
    if status != highspy.HighsStatus.kOk:
        raise SolverError(f"HiGHS answered {call} with {status.name}")


_STATUSES = {
    -1: highspy.HighsBasisStatus.kLower,
    0: highspy.HighsBasisStatus.kBasic,
    1: highspy.HighsBasisStatus.kUpper,
    2: highspy.HighsBasisStatus.kZero,
}


def _basis(kept: Any) -> Basis | None:
    """HiGHS's copy of a basis as arrays: an object is made for each column and row, so it is done for the few that are
    looked at."""
    return Basis(_codes(kept.col_status), _codes(kept.row_status)) if kept.valid else None


def _codes(statuses: list[Any]) -> NDArray[np.int8]:
    """HiGHS's lower, basic, upper, zero, nonbasic (0 to 4) as our -1, 0, 1, 2, 2."""
    return np.array([-1, 0, 1, 2, 2], dtype=np.int8)[np.fromiter(map(index, statuses), np.int8, len(statuses))]


def _nearer(value: FloatArray, lower: FloatArray, upper: FloatArray) -> np.ndarray[Any, np.dtype[np.int8]]:
    """-1 where a value is nearer to its lower bound, 1 to its upper, 2 where there is neither."""
    with np.errstate(invalid="ignore"):
        above = value - lower > upper - value
    codes = np.where(above, 1, -1)
    codes[np.isinf(lower) & np.isinf(upper)] = 2
    return codes.astype(np.int8)


def _run_interruptibly(highs: Any) -> Any:
    """Run in a worker so that the main thread sees Ctrl-C, which then stops HiGHS and is raised again. Returns HiGHS's
    return code."""
    if threading.current_thread() is not threading.main_thread():
        return highs.run()  # signals reach only the main thread
    worker = _Worker(highs)
    threading.Thread(target=worker.work, daemon=True).start()
    try:
        while not worker.done.wait(0.1):
            pass
    except KeyboardInterrupt:
        if not worker.stop():
            atexit.register(worker.stop)
        raise
    if isinstance(worker.outcome, Exception):
        raise worker.outcome
    return worker.outcome


@dataclass(eq=False)
class _Worker:
    """One run of HiGHS in a thread of its own. The thread is told to end, and is never killed: a thread that asks for
    the interpreter while Python shuts down is unwound through the C++ library, which then aborts the whole process.
    So a run that is left behind gets a second chance to end at exit, and after that its callbacks, which would ask for
    the interpreter, are taken away."""

    highs: Any
    outcome: Any = None
    # Thread.join, interrupted, can take a running thread for a finished one (CPython 90882)
    done: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        try:
            self.outcome = self.highs.run()
        except (MemoryError, RuntimeError, ValueError) as error:  # what the bindings make of C++ exceptions
            self.outcome = error
        finally:
            self.done.set()

    def stop(self) -> bool:
        """Whether the run ended within `GRACE` seconds of being asked to."""
        callbacks = (self.highs.cbSimplexInterrupt, self.highs.cbIpmInterrupt, self.highs.cbMipInterrupt)
        for callback in callbacks:
            callback.subscribe(_interrupt)
        ended = self.done.wait(GRACE)
        for callback in callbacks:
            callback.unsubscribe(_interrupt)
        return ended


def _interrupt(event: Any) -> None:
    event.interrupt()
