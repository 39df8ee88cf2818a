"""Line plots as SVG text, the same bytes for the same numbers."""

COLOURS = ["#0072b2", "#d55e00", "#009e73", "#555555", "#cc79a7"]
DASHES = ["", "7 4", "2 3", "9 3 2 3", "1 2"]
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 320, 52, 150, 34, 42


class Plot:
    """Lines over steps, each with a band from its least to its largest value; both axes are linear."""

    def __init__(self, title, x_label, y_label, x_range, y_range=(0, 1)):
        self.x, self.y = x_range, y_range
        self.lines = 0
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            text(LEFT, 20, title, "start", size=14),
            text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x_label),
            f'<text transform="translate(14 {(TOP + HEIGHT - BOTTOM) / 2:g}) rotate(-90)" text-anchor="middle">{y_label}</text>',
        ]
        for i in range(6):
            self.grid(i / 5)

    def grid(self, share):
        at_y, at_x = HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), LEFT + share * (WIDTH - LEFT - RIGHT)
        self.parts += [
            f'<path d="M{LEFT} {at_y:.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>',
            text(LEFT - 6, at_y + 4, f"{self.y[0] + share * (self.y[1] - self.y[0]):.3g}", "end"),
            text(at_x, HEIGHT - BOTTOM + 16, f"{self.x[0] + share * (self.x[1] - self.x[0]):.4g}"),
        ]

    def place(self, x, y):
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return f"{LEFT + across * (WIDTH - LEFT - RIGHT):.1f} {HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM):.1f}"

    def line(self, name, points):
        """Adds a line of (x, least, middle, largest)."""
        colour, dash = COLOURS[self.lines % len(COLOURS)], DASHES[self.lines % len(DASHES)]
        band = [self.place(x, low) for x, low, _, _ in points] + [self.place(x, high) for x, _, _, high in reversed(points)]
        middle = [self.place(x, y) for x, _, y, _ in points]
        key = TOP + 8 + 20 * self.lines
        stroke = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
        self.parts += [
            f'<path d="M{"L".join(band)}Z" fill="{colour}" fill-opacity="0.15"/>',
            f'<path d="M{"L".join(middle)}" fill="none" {stroke}/>',
            f'<path d="M{WIDTH - RIGHT + 12} {key}h28" {stroke}/>',
            text(WIDTH - RIGHT + 46, key + 4, name, "start"),
        ]
        self.lines += 1

    def svg(self):
        return "\n".join([*self.parts, "</svg>", ""])


def text(x, y, words, anchor="middle", size=12):
    return f'<text x="{x:g}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{words}</text>'
