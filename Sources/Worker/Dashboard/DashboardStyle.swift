/// How the page looks: in the system's colours, on a phone and on a wide screen.
enum DashboardStyle {
    static let css = #"""
        :root {
          color-scheme: light dark;
          --page: #f3f5f7; --card: #ffffff; --line: #dfe4ea; --text: #18202b; --soft: #55606f;
          --done: #0f766e; --done-soft: #d5f1ec; --failed: #b42318; --failed-soft: #fde7e4; --wait: #8a5300; --wait-soft: #fdf0d5;
          --track: #e4e9ee; --focus: #1d4ed8; --shadow: 0 1px 2px rgb(16 24 40 / .06), 0 1px 3px rgb(16 24 40 / .08);
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #0e1217; --card: #171d25; --line: #28313d; --text: #e8edf3; --soft: #a3afbf;
            --done: #2dd4bf; --done-soft: #0f3a36; --failed: #ff9b8f; --failed-soft: #47201c; --wait: #f5c06a; --wait-soft: #40300f;
            --track: #28313d; --focus: #93b4ff; --shadow: none;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0; background: var(--page); color: var(--text);
          font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
        }
        header, main, footer { max-width: 1240px; margin: 0 auto; padding: 0 20px; }
        header { display: flex; align-items: center; gap: 12px; padding-top: 20px; padding-bottom: 4px; }
        .who { min-width: 0; flex: 1; }
        h1 { font-size: 20px; line-height: 1.2; margin: 0; letter-spacing: -.01em; }
        #site { margin: 2px 0 0; color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
        h2 { font-size: 16px; margin: 28px 0 10px; letter-spacing: -.01em; }
        ul, dl { list-style: none; margin: 0; padding: 0; }
        bdi { unicode-bidi: isolate; }
        .state { margin: 0; padding: 5px 12px; border-radius: 99px; font-weight: 600; font-size: 13px; white-space: nowrap; background: var(--track); }
        .state.good { background: var(--done-soft); color: var(--done); }
        .state.odd { background: var(--wait-soft); color: var(--wait); }
        .state.bad { background: var(--failed-soft); color: var(--failed); }
        .notice { margin: 16px 0 0; padding: 11px 14px; border-radius: 10px; background: var(--wait-soft); color: var(--wait); font-weight: 500; }

        .card, .tiles > div, .rows > li, .cards > li {
          background: var(--card); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shadow);
        }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin-top: 16px; }
        .tiles > div { padding: 13px 16px 12px; }
        .tiles dt { color: var(--soft); font-size: 13px; }
        .tiles dd { margin: 0; }
        .tiles .number { font-size: 28px; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; letter-spacing: -.02em; }
        .tiles .number.bad { color: var(--failed); }
        .tiles .more { color: var(--soft); font-size: 13px; }

        .rows { display: grid; gap: 10px; }
        #queue:not(:has(.empty:only-child)) { gap: 0; background: var(--card); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shadow); }
        #queue:not(:has(.empty:only-child)) > li { border: 0; border-radius: 0; box-shadow: none; background: none; padding: 10px 16px; }
        #queue > li + li { border-top: 1px solid var(--line) !important; }
        .rows > li { padding: 12px 16px; }
        .rows > li.empty, .cards > li.empty { color: var(--soft); border-style: dashed; box-shadow: none; background: none; padding: 14px 16px; }
        .line { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 12px; }
        .name { font-weight: 600; overflow-wrap: anywhere; min-width: 0; }
        .line .name { flex: 1 1 240px; }
        .soft { color: var(--soft); font-size: 13px; font-variant-numeric: tabular-nums; }
        .badge { font-size: 12px; font-weight: 600; padding: 1px 8px; border-radius: 99px; white-space: nowrap; background: var(--track); color: var(--text); }
        .badge.done { background: var(--done-soft); color: var(--done); }
        .badge.failed { background: var(--failed-soft); color: var(--failed); }
        .badge.wait { background: var(--wait-soft); color: var(--wait); }
        .percent { font-weight: 600; font-variant-numeric: tabular-nums; }
        progress { appearance: none; display: block; width: 100%; height: 8px; margin-top: 9px; border: 0; border-radius: 99px; background: var(--track); overflow: hidden; }
        progress::-webkit-progress-bar { background: var(--track); }
        progress::-webkit-progress-value { background: var(--done); border-radius: 99px; transition: width .6s; }
        progress::-moz-progress-bar { background: var(--done); border-radius: 99px; }
        .reason { margin: 5px 0 0; overflow-wrap: anywhere; }

        .card { padding: 14px 16px; }
        .legend { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 13px; color: var(--soft); margin-bottom: 8px; }
        .key::before { content: ""; display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 6px; background: var(--done); }
        .key.failed::before { background: var(--failed); }
        .plot { position: relative; }
        .scale { position: absolute; left: 0; background: var(--card); color: var(--soft); font-size: 12px; padding: 0 6px 0 0; line-height: 1; font-variant-numeric: tabular-nums; pointer-events: none; }
        #hours-most { top: -6px; } #hours-half { top: calc(50% - 6px); }
        #hours { display: block; width: 100%; height: 170px; }
        #hours .done { fill: var(--done); } #hours .failed { fill: var(--failed); }
        #hours .ruler { stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
        #hours rect:hover { opacity: .75; }
        .axis { display: flex; justify-content: space-between; padding-left: 4.17%; color: var(--soft); font-size: 12px; margin-top: 4px; font-variant-numeric: tabular-nums; }
        details { margin-top: 10px; } summary { cursor: pointer; color: var(--soft); font-size: 13px; width: max-content; border-radius: 6px; }
        table { border-collapse: collapse; margin-top: 8px; font-size: 13px; font-variant-numeric: tabular-nums; }
        th, td { text-align: right; padding: 3px 18px 3px 0; border-bottom: 1px solid var(--line); } th:first-child { text-align: left; font-weight: 500; }

        .head { display: flex; flex-wrap: wrap; align-items: end; justify-content: space-between; gap: 0 16px; margin-bottom: 10px; }
        .head h2 { margin-bottom: 0; }
        .filter { display: flex; border: 1px solid var(--line); border-radius: 10px; padding: 3px; background: var(--card); margin-top: 10px; }
        .filter button { font: inherit; font-size: 13px; font-weight: 500; color: var(--soft); background: none; border: 0; border-radius: 7px; padding: 5px 13px; min-height: 32px; cursor: pointer; }
        .filter button[aria-pressed=true] { background: var(--track); color: var(--text); font-weight: 600; }
        .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: 12px; }
        .cards > li { overflow: hidden; display: flex; flex-direction: column; }
        .cards > li.empty { grid-column: 1 / -1; }
        .picture { aspect-ratio: 16 / 9; background: var(--track); display: grid; place-items: center; position: relative; border-bottom: 1px solid var(--line); }
        .picture img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; background: #06080a; }
        .picture svg { width: 44px; height: 44px; fill: var(--soft); opacity: .65; }
        .failed .picture { background: var(--failed-soft); } .failed .picture svg { fill: var(--failed); opacity: .8; }
        .length { position: absolute; right: 8px; bottom: 8px; background: rgb(0 0 0 / .78); color: #fff; font-size: 12px; padding: 1px 7px; border-radius: 6px; font-variant-numeric: tabular-nums; }
        .text { padding: 11px 14px 12px; display: flex; flex-direction: column; gap: 5px; flex: 1; }
        .text .name { display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; }
        .text .reason { margin: 0; font-size: 14px; }
        .foot { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 10px; margin-top: auto; padding-top: 3px; }

        footer { padding-top: 26px; padding-bottom: 30px; color: var(--soft); font-size: 13px; }
        footer p { margin: 0; overflow-wrap: anywhere; }
        :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
        @media (max-width: 560px) {
          header, main, footer { padding-left: 14px; padding-right: 14px; }
          .tiles { grid-template-columns: 1fr 1fr; gap: 10px; } .tiles .number { font-size: 24px; } .tiles > div:last-child:nth-child(odd) { grid-column: 1 / -1; }
          .cards { grid-template-columns: 1fr; }
          .cards > li { flex-direction: row; } .picture { width: 118px; flex: none; aspect-ratio: auto; min-height: 92px; border-bottom: 0; border-right: 1px solid var(--line); }
          .text { min-width: 0; } #hours { height: 130px; }
          .filter { width: 100%; } .filter button { flex: 1; min-height: 40px; }
        }
        @media (prefers-reduced-motion: reduce) { progress::-webkit-progress-value { transition: none; } }

        """#
}
