'use strict';
// The page says everything without this. It says sooner what a point is, to who
// comes near it, and unfolds what is folded before the page is printed.
for (const figure of document.querySelectorAll('figure.chart')) {
  const picture = figure.querySelector('svg.picture');
  if (!picture) continue;
  const said = document.createElement('p');
  said.className = 'hover';
  said.hidden = true;
  figure.append(said);
  const points = [...picture.querySelectorAll('g > title')].map(title => ({text: title.textContent, shape: title.parentNode}));
  picture.addEventListener('pointermove', event => {
    let near = null, least = 24;
    for (const point of points) {
      const box = point.shape.getBoundingClientRect();
      const away = Math.hypot(
        Math.max(box.left - event.clientX, 0, event.clientX - box.right),
        Math.max(box.top - event.clientY, 0, event.clientY - box.bottom));
      if (away < least) { near = point; least = away; }
    }
    said.hidden = !near;
    if (near) said.textContent = near.text;
  });
  picture.addEventListener('pointerleave', () => { said.hidden = true; });
}
const folded = [];
addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details:not([open])')) {
    details.open = true;
    folded.push(details);
  }
});
addEventListener('afterprint', () => {
  for (const details of folded.splice(0)) details.open = false;
});
