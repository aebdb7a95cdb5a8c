"""No claim of a solver is passed on unchecked: back-ends that lie, falter or know too little."""

from dataclasses import replace

import numpy as np
import pytest

from solvers import Feature, Settings, Status, registry
from solvers.claim import Claim, Raw
from solvers.examine import CheckedBackend

INF = np.inf


class Scripted(CheckedBackend):
    """Answers the first runs with what it is told, later ones with HiGHS."""

    name = "scripted"
    features = frozenset(Feature)

    def __init__(self, *answers):
        self.answers, self.careful = list(answers), []

    def version(self):
        return "0"

    def run(self, program, settings, careful, deadline):
        self.careful.append(careful)
        if self.answers:
            return self.answers.pop(0)
        return registry.get("highs").run(program, settings, careful, deadline)


@pytest.fixture
def program(build):
    # min 2x + 3y, x + y >= 4, x - y <= 2: optimum (3, 1), duals 5/2 and -1/2
    return build([2, 3], [[1, 1], [1, -1]], [4, -INF], [INF, 2])


RIGHT = Raw(Claim.OPTIMAL, x=np.array([3.0, 1.0]), row_dual=np.array([2.5, -0.5]))
WRONG_POINT = replace(RIGHT, x=np.array([2.0, 1.0]))
NOT_BEST = replace(RIGHT, x=np.array([3.0, 2.0]))
NO_DUALS = replace(RIGHT, row_dual=None)
NOT_FINITE = replace(RIGHT, x=np.array([np.nan, 1.0]))


def test_a_right_answer_takes_one_run(program, check):
    backend = Scripted(RIGHT)
    check.optimal(program, backend.solve(program))
    assert backend.careful == [False]


@pytest.mark.parametrize("wrong", [WRONG_POINT, NOT_BEST, NO_DUALS, NOT_FINITE, Raw(Claim.FAILED)])
def test_a_wrong_answer_is_asked_for_again_carefully(program, check, wrong):
    backend = Scripted(wrong)
    check.optimal(program, backend.solve(program))
    assert backend.careful == [False, True]


@pytest.mark.parametrize("wrong", [WRONG_POINT, NOT_BEST])
def test_a_wrong_answer_twice_is_an_error_that_says_why(program, wrong):
    solution = Scripted(wrong, wrong).solve(program)
    assert solution.status is Status.ERROR
    assert "does not hold in the original program" in solution.message


def test_a_failure_twice_is_an_error():
    raw = Raw(Claim.FAILED, message="out of memory")
    solution = Scripted(raw, raw).solve(_small())
    assert solution.status is Status.ERROR
    assert solution.message == "out of memory"


class Broken(Scripted):
    """Fails at everything."""

    def run(self, program, settings, careful, deadline):
        self.careful.append(careful)
        return Raw(Claim.FAILED, message="out of memory")


def test_a_solver_that_always_fails_comes_to_an_end(program):
    backend = Broken()
    assert backend.solve(program).status is Status.ERROR
    assert len(backend.careful) <= 8


def test_unbounded_is_not_believed_of_a_bounded_program(program):
    raw = Raw(Claim.UNBOUNDED, x=np.array([3.0, 1.0]), ray=np.array([1.0, 1.0]))
    solution = Scripted(raw).solve(program)
    assert solution.status is Status.ERROR
    assert "no ray shows it" in solution.message


def test_unbounded_is_not_believed_of_an_infeasible_program(build, check):
    program = build([-1, -1], [[1, -1], [1, -1]], [2, -INF], [INF, 1])
    raw = Raw(Claim.UNBOUNDED, ray=np.array([1.0, 1.0]))
    check.infeasible(program, Scripted(raw).solve(program))


def test_ambiguous_is_settled_either_way(build, check):
    infeasible = build([-1, -1], [[1, -1], [1, -1]], [2, -INF], [INF, 1])
    check.infeasible(infeasible, Scripted(Raw(Claim.AMBIGUOUS), Raw(Claim.AMBIGUOUS)).solve(infeasible))
    unbounded = build([-1, 0], [[1, -1]], [-1], [1])
    check.unbounded(unbounded, Scripted(Raw(Claim.AMBIGUOUS), Raw(Claim.AMBIGUOUS)).solve(unbounded))


def test_a_wrong_dual_ray_is_replaced_by_the_farkas_program(build, check):
    program = build([1, 1], [[1, 1], [1, 1]], [2, -INF], [INF, 1])
    check.infeasible(program, Scripted(Raw(Claim.INFEASIBLE, dual_ray=np.array([1.0, 3.0]))).solve(program))
    check.infeasible(program, Scripted(Raw(Claim.INFEASIBLE, dual_ray=np.array([-2.0, 2.0]))).solve(program))


def test_infeasible_said_twice_of_a_feasible_program_comes_without_a_certificate(program):
    raw = Raw(Claim.INFEASIBLE)
    solution = Scripted(raw, raw).solve(program)
    assert solution.status is Status.INFEASIBLE
    assert solution.row_dual is None
    assert "without a usable certificate" in solution.message


def test_infeasible_said_of_an_unbounded_program_is_corrected(build, check):
    program = build([-1, 0], [[1, -1]], [-1], [1])
    raw = Raw(Claim.INFEASIBLE)
    check.unbounded(program, Scripted(raw, raw).solve(program))


def test_optimal_said_of_an_unbounded_program_is_corrected(build, check):
    program = build([-1, 0], [[1, -1]], [-1], [1])
    raw = Raw(Claim.OPTIMAL, x=np.zeros(2), row_dual=np.zeros(1))
    check.unbounded(program, Scripted(raw, raw).solve(program))


def test_optimal_said_of_an_infeasible_program_is_corrected(build, check):
    program = build([1, 1], [[1, 1], [1, 1]], [2, -INF], [INF, 1])
    raw = Raw(Claim.OPTIMAL, x=np.ones(2), row_dual=np.zeros(2))
    check.infeasible(program, Scripted(raw, raw).solve(program))


def test_an_integer_program_called_infeasible_is_tried_again(build, check):
    program = build([1, 1], [[2, 2]], [3], [INF], [(0, 5)] * 2, integer=[True, True])
    backend = Scripted(Raw(Claim.INFEASIBLE))
    check.integer_optimal(program, backend.solve(program), 2)
    assert backend.careful == [False, True]


def test_an_integer_verdict_that_nothing_confirmed_in_time_says_so(build):
    program = build([1, 1], [[2, 2]], [3], [INF], [(0, 5)] * 2, integer=[True, True])
    solution = Scripted(Raw(Claim.INFEASIBLE), Raw(Claim.LIMIT)).solve(program)
    assert solution.status is Status.INFEASIBLE
    assert "no second run confirmed it" in solution.message


def test_a_nearly_whole_answer_is_made_whole(build, check):
    # y = x / 3 with x whole: rounding x alone would break the row, so y is solved for again
    program = build([1, 0], [[1, -3], [1, 0]], [0, 2], [0, INF], [(0, 9), (0, 9)], integer=[True, False])
    backend = Scripted(Raw(Claim.OPTIMAL, x=np.array([2 + 1e-7, (2 + 1e-7) / 3])))
    solution = backend.solve(program)
    check.integer_optimal(program, solution, 2)
    assert solution.x[1] == pytest.approx(2 / 3, abs=1e-12)


def test_a_limit_passes_on_only_what_is_feasible_and_finite(program):
    limit = Raw(Claim.LIMIT, x=np.array([9.0, 9.0]), bound=-INF)
    solution = Scripted(limit).solve(program)
    assert solution.status is Status.LIMIT
    assert (solution.objective, solution.bound) == (45.0, None)
    solution = Scripted(replace(limit, x=np.array([0.0, 0.0]), bound=3.0)).solve(program)
    assert (solution.x, solution.objective, solution.bound) == (None, None, 3.0)


def test_a_looser_tolerance_is_a_wish_and_is_heard(program):
    close = replace(RIGHT, x=np.array([3.0, 1.0 - 1e-7]))
    assert Scripted(close, close).solve(program).status is Status.ERROR
    assert Scripted(close).solve(program, Settings(tolerance=1e-6)).status is Status.OPTIMAL


def _small():
    from scipy.sparse import csr_array

    from solvers import LinearProgram

    return LinearProgram(np.ones(1), csr_array(np.ones((1, 1))), np.ones(1), np.ones(1), np.zeros(1), np.ones(1))


@pytest.fixture
def whole(build):
    # max x + y, 2x + 2y <= 7, whole numbers: the optimum is 3
    return build([1, 1], [[2, 2]], [-INF], [7], [(0, 5)] * 2, integer=[True, True], maximize=True)


def test_an_integer_optimum_must_meet_its_bound(whole):
    wrong = Raw(Claim.OPTIMAL, x=np.array([1.0, 1.0]), bound=3.0)
    backend = Scripted(wrong)
    assert backend.solve(whole).objective == 3
    assert backend.careful == [False, True]
    solution = Scripted(wrong, wrong).solve(whole)
    assert solution.status is Status.ERROR
    assert "2 is not met by its bound 3" in solution.message


def test_an_integer_optimum_of_an_unbounded_program_is_not_passed_on(build, check):
    # min x - y + m: m may fall without end as long as z does
    bounds, kinds = [(0, INF)] * 2 + [(-INF, INF)] * 2, [True, True, False, False]
    program = build([1, -1, 1, 0], [[1, 1, 0, 0], [0, 0, 1, -1]], [0, 0], [1, INF], bounds, integer=kinds)
    solution = Scripted(Raw(Claim.OPTIMAL, x=np.array([0.0, 1, 0, 0]), bound=-1.0)).solve(program)
    check.unbounded(program, solution)


def test_an_integer_optimum_whose_bound_was_not_settled_in_time_is_none(build):
    program = build([1, 1], [[1, 1]], [1], [INF], [(0, INF), (-INF, INF)], integer=[True, False])
    backend = Scripted(Raw(Claim.OPTIMAL, x=np.array([0.0, 1]), bound=1.0), Raw(Claim.LIMIT), Raw(Claim.LIMIT))
    solution = backend.solve(program)
    assert solution.status is Status.LIMIT
    assert solution.objective == 1
