"""Relatives: the first transformer beside a model of today, and the published models between and around them."""

from __future__ import annotations

from app.exhibits.relatives import listed

TITLE = "Relatives: 2017 and now"
LEAD = "Choose a published model: what it changed of the first, where its parameters lie, what your text costs it."
FORMULA = (
    "parameters = <i>V</i> <i>d</i> + <i>L</i> (2 <i>d</i> <i>h</i> <i>d</i><sub>h</sub>"
    " + 2 <i>d</i> <i>h</i><sub>kv</sub> <i>d</i><sub>h</sub>"
    " + 3 <i>d</i> <i>d</i><sub>ff</sub>) + …<br>"
    "FLOPs = 2 · matrices · <i>n</i> + 2 <i>h</i> (<i>d</i><sub>k</sub> + <i>d</i><sub>v</sub>) · pairs · <i>L</i>"
)
COMPUTED = (
    "No weights of these models are here: every count is a formula of the sizes that their papers and configuration"
    " files state, and is held against the stated total, and where it can be against the same config built by an"
    " independent library. The products stand beside each part. FLOPs: two for each entry of a matrix that a token is"
    " multiplied with, and the scores and sums over pairs that may attend (Kaplan et al. 2020, table 1); norms,"
    " activations and softmax are left out. Logits at every token; a model with two stacks reads the text and writes"
    " one token. The cache: two bytes a number."
)
ATTEMPT = "Compare what a text leaves behind in Llama 3 405B, in DeepSeek-V3 and in Mamba."
SETTING = {"relative": "deepseek-v3"}

PICTURE = f"""
<div class="relatives-plate">
  <section class="beside" aria-labelledby="relatives-beside">
    <h2 id="relatives-beside"><span></span></h2>
    <p class="told" data-spare></p>
    <p class="closed" hidden></p>
    <div class="drawings"><figure class="drawn first"></figure><figure class="drawn now"></figure></div>
    <p class="marks"><i></i>of another kind than in 2017</p>
  </section>
  <section class="changes" aria-labelledby="relatives-changes">
    <h2 id="relatives-changes">Part by part</h2>
    <table><thead><tr><th scope="col">part</th><th scope="col">2017</th><th scope="col" class="of-now"></th>
      <th scope="col">why</th></tr></thead><tbody></tbody></table>
  </section>
  <section class="weights" aria-labelledby="relatives-weights">
    <header><h2 id="relatives-weights">Where its parameters lie</h2><p class="total"></p></header>
    <div class="strips"><div class="strip now"><b></b><div class="pieces" role="img"></div></div>
      <div class="strip first"><b></b><div class="pieces" role="img"></div></div></div>
    <table><thead><tr><th scope="col">part</th><th scope="col">parameters</th><th scope="col">share</th>
      <th scope="col">product</th></tr></thead><tbody></tbody></table>
    <p class="remark" data-spare></p>
  </section>
  <section class="costs" aria-labelledby="relatives-costs">
    <h2 id="relatives-costs">What this text costs it</h2>
    <p class="cut"></p>
    <div class="pieces-of-text" role="list" aria-label="The text in its tokens"></div>
    <dl><div class="of-tokens"><dt>tokens</dt><dd></dd></div><div class="of-flops"><dt>operations</dt><dd></dd></div>
      <div class="of-cache"><dt>kept, at two bytes a number</dt><dd></dd></div></dl>
    <p class="of-what"></p>
  </section>
  <section class="sources" aria-labelledby="relatives-sources">
    <h2 id="relatives-sources">Its numbers, and where they stand</h2>
    <ul></ul>
  </section>
  <div class="next-place"></div>
  <section class="published-models" aria-labelledby="relatives-published">
    <header><h2 id="relatives-published">Published models</h2>
      <p>what each changed, its sizes, and the parameters that they make; click a name to take it apart</p></header>
    <div class="scrolled" tabindex="0" role="region" aria-labelledby="relatives-published">{listed.markup()}</div>
  </section>
</div>
"""
