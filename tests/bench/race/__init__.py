"""The race: ours beside what others would use, in turns within one run, told as ratios with their spread.

`python -m tests.bench.race` runs it. `interface` says what a contestant is and `field` lists them all; `child` is the
process that each of them lives in and `process` our end of it; `turns` lets them take turns over what `models` makes.
One module a section says what is raced: `passes`, `decoding`, `smaller`, `growth`, `keys`. `charts` draws what came
out, `readme` tells it.
"""
