"use strict";
// The page can be read without this; with it, a session is gone through step by step, or played.
(() => {
  const steps = [...document.querySelectorAll("article")];
  const [first, back, play, on, last] = document.querySelectorAll("nav button");
  const place = document.querySelector("nav input");
  const told = document.querySelector("nav output");
  let here = steps.length;
  let timer = 0;

  const show = (number, follows = true) => {
    here = Math.max(0, Math.min(steps.length, number));
    steps.forEach((step, index) => {
      step.hidden = index >= here;
      step.classList.toggle("now", index === here - 1);
    });
    place.value = String(here);
    told.textContent = `${here} of ${steps.length}`;
    if (follows && here) steps[here - 1].scrollIntoView({ block: "nearest" });
  };
  const stop = () => {
    clearTimeout(timer);
    timer = 0;
    play.textContent = "Play";
  };
  // As long as it took, within what somebody who watches has patience for.
  const wait = () => {
    const [before, after] = [steps[here - 1], steps[here]].map((step) => (step ? Number(step.dataset.time) : NaN));
    return Math.min(1500, Math.max(150, (after - before) / 10 || 0));
  };
  const go = () => {
    show(here + 1);
    if (here < steps.length) timer = setTimeout(go, wait());
    else stop();
  };
  const toggle = () => {
    if (timer) return stop();
    if (here === steps.length) show(0);
    play.textContent = "Pause";
    timer = setTimeout(go, 150);
  };
  const move = (number) => {
    stop();
    show(number);
  };

  place.max = String(steps.length);
  first.onclick = () => move(1);
  back.onclick = () => move(here - 1);
  play.onclick = toggle;
  on.onclick = () => move(here + 1);
  last.onclick = () => move(steps.length);
  place.oninput = () => move(Number(place.value));
  document.addEventListener("keydown", (event) => {
    if (event.target === place || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowRight") move(here + 1);
    else if (event.key === "ArrowLeft") move(here - 1);
    else if (event.key === "Home") move(1);
    else if (event.key === "End") move(steps.length);
    else if (event.key === " " && event.target.tagName !== "BUTTON") toggle();
    else return;
    event.preventDefault();
  });
  document.querySelector("nav").hidden = steps.length === 0;
  show(steps.length, false);
})();
