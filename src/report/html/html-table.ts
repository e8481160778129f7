import type { Cell, Column, Table } from '../tables/table.js';
import { html, type Markup } from './markup.js';

/** The table with its notes, without its title. */
export function htmlTable({ columns, rows, notes }: Table): Markup {
  const header = columns.map(
    ({ align, header: name }) => html`<th scope="col" class="${align}">${name}</th>`,
  );
  const body = rows.map((row) => html`<tr>${row.map((cell, i) => htmlCell(cell, columns[i]!))}</tr>\n`);
  return html`<div class="scroll" tabindex="0"><table>
<thead><tr>${header}</tr></thead>
<tbody>${body}</tbody>
</table></div>
${notes.map((note) => html`<p class="quiet">${note}</p>\n`)}`;
}

/** The table below its title. */
export function titledTable(table: Table): Markup {
  return html`<h3>${table.title}</h3>\n${htmlTable(table)}`;
}

function htmlCell({ text, tone = 'plain', href }: Cell, { align }: Column): Markup {
  const content = href === undefined ? text : html`<a href="${href}">${text}</a>`;
  return html`<td class="${tone === 'plain' ? align : `${align} ${tone}`}">${content}</td>`;
}
