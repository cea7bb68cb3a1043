package io.consoul.provider;

/**
 * What the configuration says of a model.
 *
 * @param window tokens of prompt and answer together, or null where that is not known
 * @param prefill whether it goes on with an assistant's message at the end of the prompt; null as the provider says
 */
public record Model(String name, Integer window, Prices prices, Boolean prefill) {

  /** One of which only the name is known. */
  static Model named(String name) {
    return new Model(name, null, Prices.NONE, null);
  }
}
