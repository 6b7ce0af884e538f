import { createHash } from "node:crypto";

const style = `
:root { color-scheme: light dark; --accent: light-dark(#1f5f8b, #7fc4f0); --line: light-dark(#8a8f98, #7d838d); }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100dvh; display: grid; place-items: center; padding: 1rem;
  font: 1rem/1.5 system-ui, sans-serif; background: light-dark(#f3f4f6, #14161a); color: light-dark(#1b1d21, #eceef1); }
main { width: 100%; max-width: 24rem; padding: 2rem 1.5rem; border-radius: .75rem;
  background: light-dark(#fff, #1e2127); box-shadow: 0 1px 3px #0003; }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1rem; }
label { display: block; font-weight: 600; margin-bottom: .25rem; }
input, button { width: 100%; min-height: 2.75rem; padding: .5rem .75rem; font: inherit; border-radius: .5rem; }
input { border: 1px solid var(--line); background: light-dark(#fff, #14161a); color: inherit; }
input[aria-invalid="true"] { border-color: light-dark(#b3261e, #ff8a80); }
button { margin-top: 1rem; border: 0; font-weight: 600; cursor: pointer;
  background: var(--accent); color: light-dark(#fff, #10202b); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
.hint { margin: .25rem 0 0; font-size: .875rem; color: light-dark(#4b5059, #b3b8c1); }
.problem { margin: .25rem 0 0; font-weight: 600; color: light-dark(#b3261e, #ff8a80); }
`;

/** For the pages' `style-src`. */
export const styleHash = `'sha256-${createHash("sha256").update(style).digest("base64")}'`;

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function page(heading: string, content: string, title = heading): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(heading)}</h1>
${content}
</main>
</body>
</html>
`;
}

/** The sign-in form; `fields` are carried along unseen. */
export function signInPage(form: {
  action: string;
  name: string;
  problem?: string;
  fields: Readonly<Record<string, string>>;
}): string {
  const hidden = Object.entries(form.fields)
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join("\n");
  const problem = form.problem
    ? `<p class="problem" id="problem" role="alert">${escapeHtml(form.problem)}</p>`
    : "";
  return page(
    "Sign in",
    `<p>This system runs on your own machine. There is no password: the name is the account.</p>
<form method="post" action="${escapeHtml(form.action)}">
${hidden}
<label for="name">Your name</label>
<input id="name" name="name" type="text" value="${escapeHtml(form.name)}" autocomplete="username" autofocus
  spellcheck="false" aria-describedby="${problem ? "problem " : ""}hint" aria-invalid="${problem !== ""}">
${problem}
<p class="hint" id="hint">Letters and digits, up to 60 characters.</p>
<button type="submit">Sign in</button>
</form>`,
    // Screen readers read the title first.
    form.problem ? `Problem: ${form.problem}` : "Sign in",
  );
}

export function messagePage(title: string, message: string): string {
  return page(title, `<p>${escapeHtml(message)}</p>\n<p><a href="/">To the start page</a></p>`);
}
