// What our small forms have in common.

/** Says what is wrong with a field, or with "" that nothing is; goes to the field. */
export function mark({ input, error }, text) {
  error.textContent = text;
  input.toggleAttribute("aria-invalid", false);
  if (!text) return;
  input.setAttribute("aria-invalid", "true");
  input.focus();
}

/** Runs a request with the buttons of a form locked; returns what went wrong, if anything did. */
export async function locked(section, work) {
  const buttons = section.querySelectorAll("button");
  section.setAttribute("aria-busy", "true");
  for (const button of buttons) button.disabled = true;
  try {
    await work();
  } catch (problem) {
    return problem;
  } finally {
    section.removeAttribute("aria-busy");
    for (const button of buttons) button.disabled = false;
  }
}
