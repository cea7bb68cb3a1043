package io.consoul.gateway;

import io.consoul.message.StreamMessage;

/** Takes what comes to the inbox of a gateway instance for one listener. */
interface Listening {

  void deliver(StreamMessage message);

  /** Called {@link Silence#TICKS} times within the longest silence that a peer may keep. */
  void tick();
}
