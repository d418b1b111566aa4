// What the map takes from dagre (window.dagre).
export { Graph, layout } from "@dagrejs/dagre";
