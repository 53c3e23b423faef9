/// The pages' style: one column, and rules for paper and narrow screens. Colours are ``Theme``'s.
enum StyleSheet {
  static let text =
    Theme.styles + "\n" + """
      * { box-sizing: border-box; }
      html { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
      body { margin: 0 auto; max-width: 1120px; padding: 40px 40px 64px; color: var(--ink);
        background: var(--paper); font: 15px/1.5 "Helvetica Neue", Helvetica, Arial, "Liberation Sans",
        sans-serif; font-variant-numeric: tabular-nums; }
      h1 { font-size: 30px; line-height: 1.22; font-weight: 700; letter-spacing: -0.012em;
        margin: 10px 0 14px; max-width: 30em; text-wrap: balance; }
      h2 { font-size: 19px; line-height: 1.3; margin: 48px 0 4px; padding-top: 14px;
        border-top: 2px solid var(--ink); letter-spacing: -0.005em; }
      h3 { font-size: 15px; margin: 28px 0 6px; }
      p { margin: 4px 0 14px; max-width: 46em; }
      .conclusion { font-size: 17px; line-height: 1.45; margin: 0 0 16px; max-width: 46em; }
      .conclusion b { font-weight: 700; }
      .lead { color: var(--muted); margin-bottom: 16px; }
      .muted { color: var(--muted); }
      code, .code { font: 13px/1.5 "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }

      .overline { display: flex; justify-content: space-between; align-items: baseline;
        font-size: 13px; color: var(--muted); border-bottom: 1px solid var(--line);
        padding-bottom: 10px; margin-bottom: 26px; }
      .overline b { color: var(--ink); }
      .verdict { display: inline-block; padding: 3px 12px 3px 10px; border-radius: 3px;
        color: var(--on-verdict); font-weight: 700; font-size: 14px; letter-spacing: 0.06em;
        text-transform: uppercase; }
      .verdict.pass { background: var(--pass); } .verdict.fail { background: var(--fail); }
      .verdict.unknown, .verdict.cpu_limit, .verdict.interrupted { background: var(--unknown); }
      .verdict.nondeterministic { background: var(--nondeterministic); }
      .reasons { margin: 0 0 18px; padding: 0 0 0 18px; max-width: 52em; }
      .reasons li { margin: 2px 0; }

      .figures { display: grid; grid-auto-flow: column;
        grid-auto-columns: minmax(0, 1fr); margin: 26px 0 24px;
        border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); }
      .figures div { padding: 12px 16px 13px; border-left: 1px solid var(--line); min-width: 0; }
      .figures div:first-child { padding-left: 0; border-left: 0; }
      .figures dt { font-size: 13px; color: var(--muted); }
      .figures dd { margin: 1px 0 0; font-size: 25px; line-height: 1.25; font-weight: 700;
        letter-spacing: -0.01em; white-space: nowrap; }
      .figures dd.note { font-size: 13px; line-height: 1.4; font-weight: 400; letter-spacing: 0;
        color: var(--muted); white-space: normal; }

      .facts { display: grid; grid-template-columns: max-content 1fr max-content 1fr;
        gap: 3px 18px; margin: 0; font-size: 14px; align-items: baseline; }
      .facts dt { color: var(--muted); } .facts dd { margin: 0; overflow-wrap: anywhere; }
      .facts .wide { grid-column: 2 / -1; }

      caption { text-align: left; font-size: 13px; color: var(--muted); padding: 0 0 4px; caption-side: top; }
      th[scope=row] { color: var(--ink); font-size: 14px; border-bottom: 1px solid var(--line);
        padding: 6px 14px 6px 0; vertical-align: top; }
      figcaption { font-size: 13px; color: var(--muted); margin: 6px 0 0; max-width: 60em; }
      a { color: var(--phase); }
      .limits { margin: 0; padding: 0 0 0 18px; max-width: 52em; } .limits li { margin: 4px 0; }
      table { border-collapse: collapse; width: 100%; margin: 10px 0 20px; font-size: 14px;
        line-height: 1.4; }
      th { text-align: left; font-weight: 400; font-size: 13px; color: var(--muted);
        border-bottom: 1px solid var(--ink); padding: 4px 14px 5px 0; vertical-align: bottom; }
      td { border-bottom: 1px solid var(--line); padding: 6px 14px 6px 0; vertical-align: top;
        overflow-wrap: break-word; }
      th:last-child, td:last-child { padding-right: 0; }
      td:not([class]) { min-width: 7em; }
      .n { text-align: right; white-space: nowrap; }
      .t { white-space: nowrap; }
      td b { font-weight: 700; }
      tfoot td, tr.sum td { border-top: 1px solid var(--ink); font-weight: 700; }
      th.mark { white-space: nowrap; } th.n:first-child { width: 1%; }
      td.mark { white-space: nowrap; font-weight: 700; }
      .mark.pass { color: var(--pass); } .mark.fail { color: var(--fail); }
      .mark.unknown { color: var(--unknown); }
      pre { background: var(--faint); border-left: 3px solid var(--fail); margin: 8px 0 18px;
        padding: 10px 14px; white-space: pre-wrap; overflow-wrap: anywhere;
        font: 12.5px/1.5 "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
      .narrow { max-width: 660px; }

      figure { margin: 12px 0 8px; } figure svg { display: block; width: 100%; height: auto; }
      svg text { font-family: "Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif;
        font-size: 12px; fill: var(--ink); font-variant-numeric: tabular-nums; }
      svg .muted { fill: var(--muted); } svg .tick { fill: var(--muted); }
      svg .panel-title, svg .row-label { font-size: 13px; font-weight: 700; }
      svg .row-label { font-weight: 600; }
      svg .curve-label { font-weight: 700; }
      svg .on-dark { fill: var(--on-writer); font-weight: 700; } svg .on-light { fill: var(--on-role); }
      svg .grid { stroke: var(--ink); stroke-opacity: 0.09; }
      svg .base { stroke: var(--ink); stroke-opacity: 0.5; }
      svg .curve { fill: none; stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round; }
      svg .leader { fill: none; stroke-width: 1; stroke-opacity: 0.6; }
      svg .warm-up { fill: var(--ink); fill-opacity: 0.045; }
      svg .shade { fill: var(--fault); fill-opacity: 0.09; }
      svg .fault-edge { stroke: var(--fault); stroke-opacity: 0.3; }
      svg .fault { fill: var(--fault); } svg .fault-label { font-weight: 600; fill: var(--fault-text); }
      svg .void { fill: var(--void); }
      svg .outage { fill: var(--outage); } svg .outage-label { font-weight: 700; fill: var(--outage); }
      svg .outage-total { fill: var(--outage); fill-opacity: 0.85; }
      svg .phase { fill: var(--phase); } svg .phase.none { fill: var(--void); }
      svg .step { stroke: var(--phase); stroke-opacity: 0.5; }
      svg .bound { stroke: var(--fail); stroke-opacity: 0.8; stroke-dasharray: 6 4; }
      svg .bound-label { fill: var(--fail); font-weight: 600; }
      svg .dot { fill: var(--phase); fill-opacity: 0.55; } svg .dot.failed { fill: var(--fail); }
      svg .interval { stroke: var(--ink); stroke-width: 2; }
      svg .pointer-line { stroke: var(--ink); stroke-opacity: 0.6; stroke-dasharray: 3 3; }
      .key { display: flex; flex-wrap: wrap; gap: 4px 22px; font-size: 13px; color: var(--muted);
        margin: 0 0 10px; padding: 0; list-style: none; }
      .key i { display: inline-block; width: 14px; height: 11px; margin-right: 7px;
        vertical-align: -1px; }

      footer { margin-top: 52px; padding-top: 12px; border-top: 1px solid var(--line);
        font-size: 13px; color: var(--muted); }

      @page { margin: 14mm 13mm 15mm; }
      @media print {
        body { max-width: none; padding: 0; font-size: 9.5pt; }
        h1 { font-size: 19pt; } h2 { font-size: 13pt; margin-top: 22pt; }
        h2, h3, .lead, .key { break-after: avoid; } p, .lead { break-inside: avoid; }
        .code { font-size: 8pt; } .key { font-size: 8pt; } td { padding-top: 3.5pt; padding-bottom: 3.5pt; }
        svg text { font-size: 13.5px; }
        svg .panel-title, svg .row-label { font-size: 14px; }
        table { font-size: 8.5pt; } th { font-size: 8pt; } .facts { font-size: 8.5pt; }
        thead { display: table-header-group; }
        tr, figure, .figures, .facts, pre, .together { break-inside: avoid; }
        .figures dd { font-size: 15pt; } .figures dd.note, .figures dt { font-size: 8pt; }
        .figures div { padding: 8px 10px; } .pointer { display: none; }
        .timeline { break-before: page; } .timeline svg { max-height: 225mm; } .timeline h2 { margin-top: 0; }
        .verdict { font-size: 10pt; } pre { font-size: 7.5pt; }
      }
      @media screen and (max-width: 760px) {
        body { padding: 20px 16px; } .figures { display: block; }
        .figures div { border-left: 0; padding-left: 0; }
        .facts { grid-template-columns: max-content 1fr; } figure, .scroll { overflow-x: auto; }
        figure svg { min-width: 900px; }
        td:not([class]) { min-width: 9.5em; } caption { max-width: calc(100vw - 32px); }
      }
      """
}
