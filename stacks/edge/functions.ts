// What the CDN does with a request before it goes on: JavaScript of CloudFront's own, two milliseconds at most.

/** Addresses begin with `/api` for the browser only. */
const withoutPrefix = `request.uri = request.uri.replace(/^\\/api(?=\\/|$)/, "") || "/";`;

export const apiRequest = `function handler(event) {
  var request = event.request;
  ${withoutPrefix}
  return request;
}`;

/** The CDN's own signature takes the place of the bearer's token, so that goes beside it. */
export const streamRequest = `function handler(event) {
  var request = event.request;
  ${withoutPrefix}
  if (request.headers.authorization) {
    request.headers["x-t2m-authorization"] = { value: request.headers.authorization.value };
  }
  return request;
}`;

/**
 * Files are themselves; an address of the page's own is its page, as on a laptop.
 * @param pages folders with an `index.html` of their own, such as `/docs`
 */
export function siteRequest(pages: readonly string[]): string {
  return `function handler(event) {
  var request = event.request;
  var path = request.uri.replace(/\\/$/, "");
  var accept = request.headers.accept ? request.headers.accept.value : "";
  if (${JSON.stringify(pages)}.includes(path)) {
    request.uri = path + "/index.html";
  } else if (!/\\.[^/]*$/.test(path) && accept.includes("text/html")) {
    request.uri = "/index.html";
  }
  return request;
}`;
}
