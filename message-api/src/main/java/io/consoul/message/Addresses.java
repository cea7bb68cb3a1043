package io.consoul.message;

/**
 * The public addresses of the event bus. Verticle instances talk to each other's inboxes, which {@link Hello} tells;
 * these here are for everybody else in the cluster, and any node answers them.
 */
public final class Addresses {

  /**
   * Takes {@link BeginTurn}; replies {@link Accepted}, or {@link Queued} and later {@link Accepted} to the listener's
   * inbox, or {@link Failed}. The stream follows to the listener's inbox from the provider's.
   */
  public static final String SESSION_TURN = "consoul.session.turn";

  /** Published here once a second by every verticle instance, and at every change: {@link Hello}. */
  public static final String EVENTS_NODE = "consoul.events.node";

  private Addresses() {}
}
