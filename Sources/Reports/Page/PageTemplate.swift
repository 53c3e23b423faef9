/// The page's skeleton, a Mustache template over ``PageContent``.
enum PageTemplate {
  static let text = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{{verdict}}: {{scenario}}, seed {{seed}}</title>
    <style>
    {{{styleSheet}}}
    </style>
    </head>
    <body>
    <header>
    <div class="overline"><span><b>{{scenario}}</b>, seed {{seed}}</span><span>Borealis run report</span></div>
    <span class="verdict {{verdict}}">{{verdict}}</span>
    <h1>{{claim}}</h1>
    <p class="conclusion"><b>{{conclusion.headline}}</b> {{conclusion.rest}}</p>
    {{#hasReasons}}<ul class="reasons">
    {{#reasons}}<li>{{.}}</li>
    {{/reasons}}</ul>
    {{/hasReasons}}
    <dl class="figures">
    {{#figures}}<div><dt>{{name}}</dt><dd>{{value}}</dd><dd class="note">{{note}}</dd></div>
    {{/figures}}</dl>
    <dl class="facts">
    <dt>Replay</dt><dd class="wide code">{{replay}}</dd>
    <dt>Trace digest</dt><dd class="wide code">{{digest}}</dd>
    {{#facts}}<dt>{{name}}</dt><dd>{{value}}</dd>
    {{/facts}}</dl>
    </header>

    <main>
    {{#tables.periods}}<section class="periods">
    <h2>Before, during and after</h2>
    {{> table}}
    </section>
    {{/tables.periods}}

    {{#hasClaims}}<section class="claims">
    <h2>Claims and objectives</h2>
    {{#tables.claims}}{{> table}}{{/tables.claims}}
    {{#tables.objectives}}{{> table}}{{/tables.objectives}}
    {{#violations}}<pre>{{.}}</pre>
    {{/violations}}
    </section>
    {{/hasClaims}}

    {{#hasTimeline}}<section class="timeline">
    <h2>Timeline</h2>
    <ul class="key">
    {{#key}}<li><i style="{{{style}}}"></i>{{name}}</li>
    {{/key}}</ul>
    <figure>{{{timeline}}}<figcaption>{{timelineCaption}}</figcaption></figure>
    {{#hasZoom}}<figure class="zoom">{{{zoom}}}<figcaption>{{zoomCaption}}</figcaption></figure>
    {{/hasZoom}}</section>
    {{/hasTimeline}}

    {{#hasFailovers}}<section class="failovers">
    <h2>Failovers</h2>
    <p class="lead">{{failoverLead}}</p>
    {{#failovers}}<div class="together">
    <h3>{{title}}</h3>
    <figure>{{{waterfall}}}</figure>
    </div>
    {{#table}}{{> table}}{{/table}}
    {{/failovers}}</section>
    {{/hasFailovers}}

    <section class="recovery together">
    <h2>Recovery point</h2>
    <p class="lead">{{recoveryLead}}</p>
    {{#tables.recovery}}{{> table}}{{/tables.recovery}}
    {{#tables.lost}}{{> table}}{{/tables.lost}}
    </section>

    {{#tables.faults}}<section class="faults">
    <h2>Faults</h2>
    <p class="lead">A fault that was not seen to act makes the verdict unknown, unless it may miss.</p>
    {{> table}}
    </section>
    {{/tables.faults}}

    <section class="totals">
    <h2>Totals</h2>
    {{#totals}}<div class="together">
    {{> table}}
    </div>
    {{/totals}}</section>

    {{#tables.events}}<section class="events">
    <h2>Events</h2>
    {{> table}}
    </section>
    {{/tables.events}}

    <section class="assumptions">
    <h2>Assumptions and limits of the model</h2>
    <ul class="limits">
    {{#assumptions}}<li>{{.}}</li>
    {{/assumptions}}</ul>
    </section>
    </main>

    <footer>Times are virtual, from the start of the run. The same scenario, seed and build give
    this page again, byte for byte.</footer>
    <script>
    {{{script}}}
    </script>
    </body>
    </html>

    """

  /// One ``PageTable``.
  static let table = """
    <div class="scroll" tabindex="0"><table{{{attributes}}}>
    {{#hasCaption}}<caption>{{caption}}</caption>
    {{/hasCaption}}<thead><tr>{{#columns}}<th scope="col"{{{attributes}}}>{{text}}</th>{{/columns}}</tr></thead>
    <tbody>
    {{#rows}}<tr>{{#cells}}{{#isHeader}}<th scope="row"{{{attributes}}}>{{#isLink}}<a href="{{link}}">{{/isLink}}{{text}}\
    {{#isLink}}</a>{{/isLink}}</th>{{/isHeader}}\
    {{^isHeader}}<td{{{attributes}}}>{{text}}</td>{{/isHeader}}{{/cells}}</tr>
    {{/rows}}</tbody>
    </table></div>

    """
}
