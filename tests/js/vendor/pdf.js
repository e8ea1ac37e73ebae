// What writes PDF, as one module: jsPDF, and svg2pdf.js, which draws SVG with it.

export { jsPDF } from "jspdf";
export { svg2pdf } from "svg2pdf.js";
