import { type Machine, machineLine } from './machine.ts';
import { method } from './method.ts';
import type { Figure } from './report.ts';

const width = 760;
const labels = 250;
const bar_height = 16;
const line_height = 22;
const group_gap = 34;

/** The figures as bars in an SVG, a group under the other; within a group and unit the longest bar is the greatest. */
export function pictureOf(figures: readonly Figure[], machine: Machine): string {
  const parts: string[] = [];
  let y = 50;
  for (const [group, own] of Map.groupBy(figures, ({ group }) => group)) {
    parts.push(`<text x="10" y="${y}" class="group">${escaped(group)}</text>`);
    y += 10;
    for (const figure of own) {
      const greatest = Math.max(...own.filter(({ unit }) => unit === figure.unit).map(({ value }) => value));
      const length = greatest > 0 ? (figure.value / greatest) * (width - labels - 160) : 0;
      parts.push(
        `<text x="${labels - 8}" y="${y + 13}" text-anchor="end">${escaped(figure.name)}</text>`,
        `<rect x="${labels}" y="${y}" width="${length.toFixed(1)}" height="${bar_height}"/>`,
        `<text x="${(labels + length + 6).toFixed(1)}" y="${y + 13}">${shown(figure.value)} ${escaped(figure.unit)}</text>`,
      );
      y += line_height;
    }
    y += group_gap - 10;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" role="img" aria-label="Weir: speed">
<desc>${escaped(method)}</desc>
<style>text { font: 12px system-ui, sans-serif; fill: #222 } .group { font-weight: 600 } rect { fill: #2a6f97 } .page { fill: #fff }</style>
<rect class="page" width="${width}" height="${y}"/>
<text x="10" y="24">${escaped(machineLine(machine))}</text>
${parts.join('\n')}
</svg>
`;
}

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
