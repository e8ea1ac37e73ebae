"""Charts of measured series as Plotly figures: what they show, how they look, and their pictures as SVG.

`series` says what a chart holds and makes the figure, `look` has the project's colours and type, `picture` draws a
figure outside any page. Plotly is imported when the first figure is made, which a server that starts does not do.
"""
