"""The language of rule conditions: a part of the language of rule-engine, over three typed objects.

A condition sees plain values only, calls none of the library's functions, and reads no clock.
"""

from dataclasses import dataclass
from typing import Any, Final

from rule_engine import Context, DataType, Rule, errors, resolve_attribute

from desk.routing.grammar import KINDS, OBJECTS, ConditionFailure, read_and_check

LONGEST_CONDITION: Final = 2000

_WORDS: Final = {"true": "true", "false": "false", "null": "null", "none": "null"}


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a condition holds; `failure` is why it could not be evaluated on these values, empty where it could."""

    holds: bool
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """A checked condition: its text, the library's rule, and the attributes it reads as (object, attribute)."""

    text: str
    rule: Any
    reads: tuple[tuple[str, str], ...]

    def ask(self, rule_input: object) -> Answer:
        """Evaluate it on an object with `ticket`, `sender` and `mail`; an index beyond the end of a list fails."""
        try:
            return Answer(bool(self.rule.matches(rule_input)))
        except (errors.EngineError, ArithmeticError, LookupError, TypeError, ValueError) as failure:
            return Answer(holds=False, failure=getattr(failure, "message", "") or str(failure))


def compile_condition(text: str) -> Condition:
    """Parse and check a condition; raises ConditionFailure for one that could never work or is too long."""
    if len(text) > LONGEST_CONDITION:
        raise ConditionFailure(f"the condition is longer than {LONGEST_CONDITION} characters")
    objects = {name: DataType.OBJECT(name, attributes=attributes) for name, attributes in OBJECTS.items()}
    try:
        rule = Rule(text, context=Context(type_resolver=objects, resolver=resolve_attribute, default_timezone="utc"))
    except errors.EngineError as failure:
        raise ConditionFailure(_sentence_of(failure)) from failure
    except (ArithmeticError, RecursionError, TypeError, ValueError) as failure:
        raise ConditionFailure(f"the condition cannot be read: {failure}") from failure
    return Condition(text, rule, read_and_check(rule.statement.expression))


def _sentence_of(failure: errors.EngineError) -> str:
    match failure:
        case errors.SymbolResolutionError(symbol_name=name, suggestion=near):
            return f'there is no "{name}"; did you mean "{_WORDS.get(name.lower(), near)}"?'
        case errors.AttributeResolutionError(attribute_name=name, object=of, suggestion=near):
            owner = getattr(of, "name", "")
            hint = "" if name.startswith("_") else f'; did you mean "{near}"?'
            return f'"{KINDS.get(owner, owner)}" has no "{name}"{hint}'
        case errors.RegexSyntaxError(value=pattern, error=reason):
            return f'"{pattern}" is no regular expression: {reason}'
        case errors.SyntaxError(message=message):
            return f"the condition cannot be read: {message.replace('at: EOF', 'at its end')}"
    return f"the types do not fit: {failure.message}"
