"""The page of the contact sheet: its template and its style."""

PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ heading.title }}</title>
<style>
{{ style | safe }}
{% for name in filters %}
body:has(#show-{{ name }}:checked) .case:not(.{{ name }}) { display: none }
{% endfor %}
</style>
</head>
<body>
<header>
<h1>{{ heading.title }}</h1>
<p>{{ n_cases }} scans, the worst first:
{% for standing, count in heading.standings.items() %}
<span class="chip {{ standing }}">{{ count }} {{ standing }}</span>
{% endfor %}
</p>
<form>
<fieldset>
<legend>Show</legend>
<input type="radio" name="show" id="show-all" checked>
<label for="show-all">all <b>{{ n_cases }}</b></label>
{% for name, (text, count) in filters.items() %}
<input type="radio" name="show" id="show-{{ name }}">
<label for="show-{{ name }}">{{ text }} <b>{{ count }}</b></label>
{% endfor %}
</fieldset>
</form>
</header>
<main>
{% for case in cases %}
<article class="case {{ case.filters }}">
<h2><span class="chip {{ case.standing }}">{{ case.standing }}</span> {{ case.name }}
<small>{{ case.modality }}</small></h2>
{% if case.thumbnail %}
<img src="{{ case.picture }}" width="336"
 alt="axial, coronal and sagittal slice of {{ case.name }}">
<svg viewBox="0 0 60 20" preserveAspectRatio="none" role="img" aria-label="histogram">
<path d="{{ case.histogram }}"/></svg>
<p class="axis"><span>-1250 HU</span><span>250</span><span>1750</span></p>
{% endif %}
{% if case.reason %}
<p class="reason">{{ case.reason }}</p>
{% endif %}
{% if case.findings %}
<ul>
{% for finding in case.findings %}
<li class="{{ finding.severity }}"><b>{{ finding.code }}</b> {{ finding.message }}</li>
{% endfor %}
</ul>
{% endif %}
{% if case.reason %}
<p class="source">{{ case.source }}</p>
{% else %}
<details><summary>{{ case.source }}</summary>
<dl>
{% for name, value in case.lines.items() %}
<dt>{{ name }}</dt><dd>{{ value }}</dd>
{% endfor %}
</dl></details>
{% endif %}
</article>
{% endfor %}
</main>
<footer>{{ heading.footer }}</footer>
</body>
</html>
"""

STYLE = """\
:root { --paper: #fff; --card: #fff; --ink: #1b1f24; --soft: #59636e; --line: #d1d9e0;
  --reject: #a40e26; --warn: #7a5200; --pass: #0a6b2d; --unreadable: #1b1f24; --bars: #8c959f }
@media (prefers-color-scheme: dark) { :root { --paper: #0d1117; --card: #161b22; --ink: #e6edf3;
  --soft: #9198a1; --line: #30363d; --reject: #ff7b72; --warn: #e3b341; --pass: #56d364;
  --unreadable: #e6edf3; --bars: #6e7681 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 1560px; padding: 16px; background: var(--paper);
  color: var(--ink); font: 15px/1.45 system-ui, sans-serif }
h1 { font-size: 22px; margin: 0 0 4px }
header p { margin: 0 0 12px }
fieldset { border: 0; margin: 0 0 16px; padding: 0; display: flex; flex-wrap: wrap; gap: 6px }
legend { padding: 0 0 4px; color: var(--soft) }
fieldset input { position: absolute; opacity: 0 }
fieldset label { border: 1px solid var(--line); border-radius: 16px; padding: 3px 11px;
  cursor: pointer; white-space: nowrap }
fieldset b { font-weight: 600; color: var(--soft) }
fieldset input:checked + label { background: var(--ink); color: var(--paper) }
fieldset input:checked + label b { color: inherit }
fieldset input:focus-visible + label { outline: 3px solid #0072b2; outline-offset: 1px }
main { display: grid; gap: 14px; grid-template-columns: repeat(auto-fill, minmax(336px, 1fr));
  align-items: start }
.case { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 10px;
  overflow-wrap: anywhere; content-visibility: auto; contain-intrinsic-size: auto 330px }
h2 { font-size: 15px; margin: 0 0 8px }
h2 small { color: var(--soft); font-weight: 400 }
.chip { border: 1px solid currentColor; border-radius: 4px; padding: 0 6px; font-size: 13px;
  font-weight: 600; white-space: nowrap }
.chip.reject, li.reject b { color: var(--reject) }
.chip.warn, li.warn b { color: var(--warn) }
.chip.pass { color: var(--pass) }
.chip.unreadable { color: var(--card); background: var(--unreadable) }
.case img { display: block; width: 100%; height: auto; background: #000; border-radius: 4px }
.case svg { display: block; width: 100%; height: 28px; margin-top: 6px; fill: var(--bars) }
.axis { display: flex; justify-content: space-between; margin: 0; font-size: 11px;
  color: var(--soft); border-top: 1px solid var(--line) }
ul { margin: 8px 0; padding: 0; list-style: none }
li { margin: 3px 0 }
li.info b { color: var(--soft) }
.reason { margin: 0 }
.is-unreadable { grid-column: 1 / -1; contain-intrinsic-size: auto 40px; display: flex;
  flex-wrap: wrap; gap: 2px 14px; align-items: baseline; padding: 6px 10px }
.is-unreadable h2, .is-unreadable p { margin: 0 }
details, .source { color: var(--soft); font-size: 13px }
.source, summary { word-break: break-all }
summary { cursor: pointer }
dl { display: grid; grid-template-columns: auto 1fr; gap: 2px 10px; margin: 8px 0 0 }
dt { white-space: nowrap }
dd { margin: 0; color: var(--ink) }
footer { margin-top: 20px; color: var(--soft); font-size: 13px; overflow-wrap: anywhere }
@media (max-width: 430px) { body { padding: 10px } main { grid-template-columns: 1fr } }
@media print { form { display: none } .case { break-inside: avoid } }
"""
