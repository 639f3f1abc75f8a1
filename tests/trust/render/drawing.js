// Draws cards as a web client does, and tells what stands in the page then: its elements, and every word with its place.
(() => {
  const markdown = window.markdownit({ html: true, linkify: true });
  AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    result.outputHtml = markdown.render(text);
    result.didProcess = true;
  };
  const LIVE = "a, area, img, picture, video, audio, iframe, object, embed, script, link, style, form, base, meta, svg, at";
  const SHOWN = ["title", "aria-label", "placeholder", "alt", "href", "src"];

  function own(element) {
    let text = "";
    for (const node of element.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) text += node.data;
      else if (node.nodeName === "BR") text += "\n";
    }
    return text;
  }

  function words(elements) {
    const found = {};
    elements.forEach((element, position) => {
      const text = own(element);
      if (text) found[`${position} text`] = text;
      for (const name of SHOWN) {
        const value = element.getAttribute(name);
        if (value) found[`${position} ${name}`] = value;
      }
      if ("value" in element && element.value) found[`${position} value`] = element.value;
    });
    return found;
  }

  window.draw = (cards) => cards.map((json) => {
    const card = new AdaptiveCards.AdaptiveCard();
    card.parse(json);
    const page = card.render();
    const elements = [page, ...page.querySelectorAll("*:not(br)")];
    const acts = elements.filter((element) => [...element.attributes].some(({ name }) => name.startsWith("on")));
    return {
      elements: elements.map((element) => element.tagName.toLowerCase()).join(" "),
      live: page.querySelectorAll(LIVE).length + acts.length,
      words: words(elements),
    };
  });
})();
