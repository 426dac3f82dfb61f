"use strict";

// The only script of the pages. A copy button names the element whose text it copies.
const told = document.getElementById("told");

for (const button of document.querySelectorAll("button[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copies);
  if (await copied(source)) {
    tell(`Copied the ${button.dataset.what}`);
    button.classList.add("done");
    button.lastElementChild.textContent = "Copied";
    setTimeout(() => {
      button.classList.remove("done");
      button.lastElementChild.textContent = "Copy";
    }, 2000);
  } else {
    select(source);
    tell(`The ${button.dataset.what} is selected: press Ctrl+C to copy it`);
  }
}

async function copied(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    return true;
  } catch {
    // A frame has no clipboard unless its host allows it, but may copy what is selected.
    select(source);
    const done = document.execCommand("copy");
    getSelection().removeAllRanges();
    return done;
  }
}

function select(source) {
  getSelection().selectAllChildren(source);
}

// A region that is told the same words twice is not read out again, so they are taken away in between.
function tell(words) {
  told.textContent = "";
  setTimeout(() => { told.textContent = words; }, 50);
}
