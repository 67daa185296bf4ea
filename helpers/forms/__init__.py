"""Forms: a typed spec becomes labelled fields, live errors and the manifest that is sent."""

from helpers.forms.fields import Entry, Field, FieldError, choice, integer, quantity, text
from helpers.forms.form import Form

__all__ = ["Entry", "Field", "FieldError", "Form", "choice", "integer", "quantity", "text"]
