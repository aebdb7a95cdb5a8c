"""Terminals and pipes that cannot print every sign."""

import io

from amd.show.encoding import speak_any_encoding


def printed(text: str, encoding: str) -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    speak_any_encoding(stream)
    stream.write(text)
    stream.flush()
    return raw.getvalue().decode(encoding)


def test_mathematics_is_spelled_in_ascii():
    assert printed("Σ_s f(s) ≥ 0 for θ, 3 × 4 …", "ascii") == "sum_s f(s) >= 0 for theta, 3 x 4 ..."


def test_what_the_encoding_has_stays():
    assert printed("Größe ≤ 3 × 4", "latin-1") == "Größe <= 3 × 4"
    assert printed("Σ θ ≥", "utf-8") == "Σ θ ≥"


def test_accents_fall_off_and_the_rest_is_a_question_mark():
    assert printed("Gérard-Varet, Bögers, 市場", "ascii") == "Gerard-Varet, Boegers, ??"


def test_a_stream_that_is_no_text_wrapper_is_left_alone():
    stream = io.StringIO()
    speak_any_encoding(stream)
    stream.write("θ")
    assert stream.getvalue() == "θ"
