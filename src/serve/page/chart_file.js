// A chart as a file of its own: the colours of the style sheet are written into the shapes.

import { s } from "./dom.js";

const COPIED = ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-size", "font-weight", "font-family", "opacity"];

/** The picture as SVG, with its title above. */
export function asFile(svg, title) {
  const copy = svg.cloneNode(true);
  const originals = svg.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((element, i) => {
    const style = getComputedStyle(originals[i]);
    for (const name of COPIED) element.setAttribute(name, style.getPropertyValue(name));
    element.removeAttribute("class");
  });
  copy.querySelectorAll("text").forEach((text) => text.removeAttribute("stroke"));
  const [width, height] = [Number(svg.getAttribute("width")), Number(svg.getAttribute("height"))];
  const style = getComputedStyle(svg);
  const paper = getComputedStyle(document.body).backgroundColor;
  const margin = 16;
  const head = 30;
  const box = `${-margin} ${-margin - head} ${width + 2 * margin} ${height + 2 * margin + head}`;
  const [x, y] = box.split(" ");
  const text = { x: 0, y: -head + 6, fill: style.color, "font-size": "16px", "font-weight": "600", "font-family": style.fontFamily };
  copy.prepend(
    s("title", {}, title),
    s("rect", { x, y, width: width + 2 * margin, height: height + 2 * margin + head, fill: paper }),
    s("text", text, title),
  );
  for (const name of ["class", "aria-hidden", "focusable"]) copy.removeAttribute(name);
  copy.setAttribute("viewBox", box);
  copy.setAttribute("width", String(width + 2 * margin));
  copy.setAttribute("height", String(height + 2 * margin + head));
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" });
}
