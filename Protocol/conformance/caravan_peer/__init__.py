"""A small peer that speaks Caravan sync, version 1, written from its specification."""
