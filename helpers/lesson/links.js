// A link to another notebook opens within JupyterLab, and not in its place: its command linker
// takes a click on whatever has these two attributes. The paths of its commands begin at the
// server's folder, which nobody but the address of the page tells.
function followLinks(root) {
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a.wb-link");
    const here = decodeURIComponent(location.pathname).split("/tree/")[1];
    if (!link || here === undefined || event.ctrlKey || event.metaKey) return;
    const path = new URL(link.getAttribute("href"), `http://here/${here}`).pathname.slice(1);
    link.dataset.commandlinkerCommand = "docmanager:open";
    link.dataset.commandlinkerArgs = JSON.stringify({ path: decodeURIComponent(path) });
  });
}
