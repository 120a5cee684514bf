/// The page without what it shows: that is fetched by its script, and put in as text.
enum DashboardPage {
    static let html = #"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>transcoder</title>
        <link rel="icon" href="icon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="dashboard.css">
        <script src="dashboard.js" defer></script>
        </head>
        <body>
        <header>
          <img src="icon.svg" alt="" width="36" height="36">
          <div class="who"><h1>transcoder</h1><p id="site"></p></div>
          <p id="state" class="state" role="status">…</p>
        </header>
        <main>
          <noscript><p class="notice">This page needs JavaScript. “transcoder status --watch” shows the same in a terminal.</p></noscript>
          <p id="notice" class="notice" role="alert" hidden></p>

          <section aria-label="At a glance"><dl id="tiles" class="tiles"></dl></section>

          <section aria-labelledby="running-title">
            <h2 id="running-title">In work</h2>
            <ul id="running" class="rows"></ul>
          </section>

          <section aria-labelledby="hours-title">
            <h2 id="hours-title">Last 24 hours</h2>
            <div class="card">
              <div class="legend"><span class="key done">done</span><span class="key failed">failed</span><span id="hours-sum"></span></div>
              <div class="plot">
                <svg id="hours" viewBox="0 0 960 200" preserveAspectRatio="none" role="img" aria-labelledby="hours-title hours-sum"></svg>
                <span id="hours-most" class="scale" aria-hidden="true"></span><span id="hours-half" class="scale" aria-hidden="true"></span>
              </div>
              <div id="hours-axis" class="axis" aria-hidden="true"></div>
              <details>
                <summary>As a table</summary>
                <table><thead><tr><th scope="col">Hour</th><th scope="col">Done</th><th scope="col">Failed</th></tr></thead>
                <tbody id="hours-table"></tbody></table>
              </details>
            </div>
          </section>

          <section aria-labelledby="queue-title">
            <h2 id="queue-title">Queue</h2>
            <ul id="queue" class="rows"></ul>
          </section>

          <section aria-labelledby="recent-title">
            <div class="head">
              <h2 id="recent-title">Recent files</h2>
              <div id="filter" class="filter" role="group" aria-label="Which files are shown">
                <button type="button" aria-pressed="true" data-show="all">All</button>
                <button type="button" aria-pressed="false" data-show="done">Done</button>
                <button type="button" aria-pressed="false" data-show="failed">Failed</button>
              </div>
            </div>
            <ul id="recent" class="cards"></ul>
          </section>
        </main>
        <footer><p id="about"></p></footer>
        </body>
        </html>

        """#

    static let icon = #"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0f766e"/>\#
        <path d="M8 10h7M8 16h5M8 22h7" stroke="#99f6e4" stroke-width="2.5" stroke-linecap="round"/>\#
        <path d="M18 9.5v13l9-6.5z" fill="#fff"/></svg>

        """#
}
