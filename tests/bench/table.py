"""Tables as they stand in doc/PERFORMANCE.md."""
import re


def markdown(head, rows):
    """Numbers on the right, all else on the left."""
    cells = [list(map(str, r)) for r in [head] + rows]
    columns = range(len(head))
    widths = [max(len(r[i]) for r in cells) for i in columns]
    right = [all(re.fullmatch(r"[-\d.]+", r[i]) for r in cells[1:]) for i in columns]

    def line(r):
        return "| " + " | ".join(c.rjust(w) if to_right else c.ljust(w) for c, w, to_right in zip(r, widths, right)) + " |"

    rule = "|" + "|".join("-" * (w + 1) + (":" if to_right else "-") for w, to_right in zip(widths, right)) + "|"
    return "\n".join([line(cells[0]), rule] + [line(r) for r in cells[1:]]) + "\n"
