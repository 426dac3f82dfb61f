"""Draws a flow as an SVG: `outline` says what is on the picture, `layout` where, `svg` writes it."""

from architect.runner.picture.svg import draw_flow

__all__ = ["draw_flow"]
