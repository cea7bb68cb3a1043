package io.consoul.provider;

/**
 * Who is asked: one model of one provider.
 *
 * @param model as the provider knows it, without the provider's name before it
 */
public record Target(Upstream upstream, String model) {

  /** What the configuration says of the model; of one that it does not list, nothing. */
  public Model info() {
    return upstream.model(model);
  }

  /** Whether it goes on with an assistant's message at the end of the prompt, as far as is known beforehand. */
  public boolean takesPrefill() {
    Boolean configured = info().prefill();
    return configured == null ? upstream.prefill() : configured;
  }

  @Override
  public String toString() {
    return upstream.name() + "/" + model;
  }
}
