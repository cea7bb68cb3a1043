package io.consoul.gateway;

/** Whether the instance that something depends on is still in the directory. Whoever has just started does not know all of them yet. */
final class PeerWatch {

  /** Longer than the pause between two hellos. */
  private static final long UNHEARD_OF_MILLIS = 1_250;

  private final TurnPeers peers;
  private String inbox;
  private boolean known;
  private long since;

  PeerWatch(TurnPeers peers) {
    this.peers = peers;
  }

  /** From now on it depends on this one; null for nobody. */
  void of(String peer) {
    inbox = peer;
    known = peer != null && peers.isThere(peer);
    since = peers.millis();
  }

  /** To be called at every tick. */
  boolean hasLeft() {
    if (inbox == null) {
      return false;
    }
    if (peers.isThere(inbox)) {
      known = true;
      return false;
    }
    return known || peers.millis() - since >= UNHEARD_OF_MILLIS;
  }
}
