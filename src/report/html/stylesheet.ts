import { pageVariables } from '../charts/theme.js';

/** A shadow at the side where there is more to scroll to. */
const MORE_ASIDE =
  'background:linear-gradient(to right,var(--paper) 30%,transparent),linear-gradient(to left,var(--paper) 30%,transparent) 100% 0,linear-gradient(to right,#8886,transparent),linear-gradient(to left,#8886,transparent) 100% 0;background-repeat:no-repeat;background-size:40px 100%,40px 100%,14px 100%,14px 100%;background-attachment:local,local,scroll,scroll';

/** Style of the page: light or dark as the reader's system is, black on white on paper. */
export const stylesheet = `
:root{color-scheme:light dark;${pageVariables.light};--good:#1a7f4b;--tile:#f6f8fa}
@media (prefers-color-scheme:dark){:root{${pageVariables.dark};--good:#4cc38a;--tile:#1d232a}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1148px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:26px;line-height:1.2;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:19px;margin:44px 0 8px;padding-top:12px;border-top:1px solid var(--grid)}
h3{font-size:15px;margin:24px 0 6px}
p{margin:6px 0;max-width:78ch;overflow-wrap:anywhere}
.quiet{color:var(--muted)}
.good{color:var(--good);font-weight:600}
.bad{color:var(--bad);font-weight:600}
.answer{font-size:17px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(144px,1fr));gap:12px;margin:20px 0}
.tile{background:var(--tile);border:1px solid var(--grid);border-radius:8px;padding:12px 14px}
.tile b{display:block;font-size:24px;line-height:1.25;font-weight:650;font-variant-numeric:tabular-nums}
.tile span{color:var(--muted);font-size:13px}
.scroll{overflow-x:auto;margin:8px 0;${MORE_ASIDE}}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums;width:100%}
th,td{padding:5px 8px;text-align:left;border-bottom:1px solid var(--grid);white-space:nowrap}
th{color:var(--muted);font-weight:500}
th.right,td.right{text-align:right}
td:first-child{white-space:pre-wrap;overflow-wrap:anywhere;min-width:9em}
td:last-child:not(:first-child,.right){white-space:normal;min-width:6em}
figure{margin:12px 0 20px}
figcaption{color:var(--muted);font-size:13px;max-width:78ch}
figure svg{width:100%;height:auto;display:block}
.pair{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(max(340px,40%),100%),1fr));gap:0 24px}
@media(max-width:800px){figure{overflow-x:auto;${MORE_ASIDE}}figure svg{min-width:800px}.pair svg{min-width:0}}
.warnings{padding-left:20px}
.warnings li{margin:8px 0;max-width:78ch;overflow-wrap:anywhere}
button{font:inherit;padding:4px 12px;border:1px solid var(--grid);border-radius:6px;background:var(--tile);color:inherit;cursor:pointer;max-width:100%;overflow-wrap:anywhere}
code{font-size:.92em}
@media print{:root{color-scheme:light;${pageVariables.light};--good:#1a7f4b;--tile:#fff}
main{max-width:none;padding:0}figure,table,.tile{break-inside:avoid}h2,h3{break-after:avoid}.scroll,figure{overflow:visible}figure svg{min-width:0}table{font-size:11px}th,td{white-space:normal;padding:3px 4px}td:first-child{min-width:5em}.save,section button{display:none}}
`;
