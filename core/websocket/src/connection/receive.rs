//! Reading: headers are gathered, payloads handed on as they arrive, and what is wrong is reported.

use super::{Connection, Event, OpenFrame, OpenMessage, Part};
use crate::assemble::{Assembler, MessageKind, Remark};
use crate::close::{CloseCode, parse_close};
use crate::deviation::FrameDeviation;
use crate::frame::{FrameHeader, HEADER_BYTES_MAX, Opcode, Parsed};
use crate::judge::{Context, Sniffed, judge, sniff};
use crate::limits::Limit;
use crate::mask;

/// What is kept of a control frame that is longer than it may be, in bytes.
const CONTROL_BYTES_MAX: usize = 4096;

impl Connection {
    /// Takes the next bytes of the stream, cut anywhere, and returns what they complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        self.feed_into(bytes, &mut events);
        events
    }

    /// As [`Self::feed`], into a vector that the caller keeps.
    pub fn feed_into(&mut self, bytes: &[u8], events: &mut Vec<Event>) {
        let mut rest = bytes;
        while !rest.is_empty() && self.failure.is_none() {
            rest = match self.frame {
                None => self.take_header(rest, events),
                Some(frame) => self.take_payload(frame, rest, events),
            };
        }
    }

    /// The stream has ended. Reports what is missing; call it once.
    pub fn finish(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        if self.failure.is_some() {
            return events;
        }
        if let Some(frame) = self.frame {
            let missing = frame.header.length - frame.taken;
            self.deviate(
                FrameDeviation::EndInsideFrame { missing },
                frame.offset,
                &mut events,
            );
        } else if self.header_bytes > 0 {
            let missing = match FrameHeader::parse(&self.header[..self.header_bytes]) {
                Parsed::Incomplete { needed } => (needed - self.header_bytes) as u64,
                // It was held back because it may be text; a frame of its header is incomplete too.
                Parsed::Header { header, size } => (size as u64)
                    .saturating_add(header.length)
                    .saturating_sub(self.header_bytes as u64),
            };
            self.deviate(
                FrameDeviation::EndInsideFrame { missing },
                self.consumed,
                &mut events,
            );
        } else if self.message.is_some() {
            self.deviate(FrameDeviation::EndInsideMessage, self.consumed, &mut events);
        }
        if !self.close_received {
            self.deviate(FrameDeviation::EndWithoutClose, self.consumed, &mut events);
        }
        events
    }

    fn take_header<'a>(&mut self, bytes: &'a [u8], events: &mut Vec<Event>) -> &'a [u8] {
        let had = self.header_bytes;
        let taken = bytes.len().min(HEADER_BYTES_MAX - had);
        self.header[had..had + taken].copy_from_slice(&bytes[..taken]);
        let gathered = self.header;
        let gathered = &gathered[..had + taken];
        self.header_bytes = gathered.len();
        match sniff(gathered) {
            Sniffed::NeedsMore => return &[],
            Sniffed::Text(looks_like) => {
                self.deviate(
                    FrameDeviation::NotFrames { looks_like },
                    self.consumed,
                    events,
                );
                self.fail(CloseCode::PROTOCOL_ERROR);
                return &[];
            }
            Sniffed::Frame => {}
        }
        let Parsed::Header { header, size } = FrameHeader::parse(gathered) else {
            return &[];
        };
        self.header_bytes = 0;
        let offset = self.consumed;
        self.consumed += size as u64;
        self.begin_frame(header, offset, events);
        if size < had {
            // Bytes were held back as possible text; those behind the header are read first.
            self.feed_into(&gathered[size..had], events);
            return bytes;
        }
        &bytes[size - had..]
    }

    fn begin_frame(&mut self, header: FrameHeader, offset: u64, events: &mut Vec<Event>) {
        let part = if self.close_received {
            if !self.frame_after_close_reported {
                self.frame_after_close_reported = true;
                let opcode = header.opcode;
                self.deviate(FrameDeviation::FrameAfterClose { opcode }, offset, events);
            }
            Part::Skipped
        } else {
            self.judge_header(&header, offset, events);
            if self.failure.is_some() {
                return;
            }
            self.open_part(&header, offset, events)
        };
        if header.length >> 63 != 0 {
            self.fail(CloseCode::PROTOCOL_ERROR);
        }
        if self.failure.is_some() {
            return;
        }
        let frame = OpenFrame {
            header,
            offset,
            taken: 0,
            part,
        };
        if header.length == 0 {
            self.end_frame(frame, events);
        } else {
            self.frame = Some(frame);
        }
    }

    fn judge_header(&mut self, header: &FrameHeader, offset: u64, events: &mut Vec<Event>) {
        let context = Context {
            sender: self.role.peer(),
            deflate: self.deflate,
            message_open: self.message.is_some(),
        };
        judge(header, &context, |deviation| {
            self.deviate(deviation, offset, events);
        });
    }

    /// Decides what the payload belongs to, and begins a message where one begins.
    fn open_part(&mut self, header: &FrameHeader, offset: u64, events: &mut Vec<Event>) -> Part {
        let kind = match header.opcode {
            Opcode::Text => MessageKind::Text,
            Opcode::Binary => MessageKind::Binary,
            Opcode::Continuation if self.message.is_some() => {
                return self.begin_fragment(header, offset, events);
            }
            Opcode::Close | Opcode::Ping | Opcode::Pong => return Part::Control,
            Opcode::Continuation | Opcode::Reserved(_) => return Part::Skipped,
        };
        if let Some(unfinished) = self.message.take() {
            unfinished.assembler.abandon(&mut self.inflater);
        }
        let assembler = Assembler::new(kind, self.deflate && header.rsv1);
        self.message = Some(OpenMessage { assembler, offset });
        self.begin_fragment(header, offset, events)
    }

    fn begin_fragment(
        &mut self,
        header: &FrameHeader,
        offset: u64,
        events: &mut Vec<Event>,
    ) -> Part {
        let remark = self.message.as_mut().and_then(|open| {
            open.assembler
                .begin_frame(header.length, &mut self.inflater, &self.limits)
        });
        self.remark(remark, offset, events);
        Part::Message
    }

    fn take_payload<'a>(
        &mut self,
        mut frame: OpenFrame,
        bytes: &'a [u8],
        events: &mut Vec<Event>,
    ) -> &'a [u8] {
        let missing = usize::try_from(frame.header.length - frame.taken).unwrap_or(usize::MAX);
        let (payload, rest) = bytes.split_at(missing.min(bytes.len()));
        match frame.part {
            Part::Skipped => {}
            Part::Control => {
                let room = CONTROL_BYTES_MAX.saturating_sub(self.control.len());
                let start = self.control.len();
                self.control
                    .extend_from_slice(&payload[..payload.len().min(room)]);
                if let Some(key) = frame.header.mask {
                    mask::apply(key, start as u64, &mut self.control[start..]);
                }
            }
            Part::Message => self.push_payload(&frame, payload, events),
        }
        frame.taken += payload.len() as u64;
        self.consumed += payload.len() as u64;
        if self.failure.is_some() {
            return rest;
        }
        self.frame = (frame.taken < frame.header.length).then_some(frame);
        if self.frame.is_none() {
            self.end_frame(frame, events);
        }
        rest
    }

    fn push_payload(&mut self, frame: &OpenFrame, payload: &[u8], events: &mut Vec<Event>) {
        let mask = frame.header.mask.map(|key| (key, frame.taken));
        let Some(open) = &mut self.message else {
            return;
        };
        let remarks = open
            .assembler
            .push(payload, mask, &mut self.inflater, &self.limits);
        for remark in remarks {
            self.remark(remark, frame.offset, events);
        }
    }

    fn end_frame(&mut self, frame: OpenFrame, events: &mut Vec<Event>) {
        match frame.part {
            Part::Skipped => {}
            Part::Control => self.end_control(frame, events),
            Part::Message if !frame.header.fin => {}
            Part::Message => {
                let Some(open) = self.message.take() else {
                    return;
                };
                let (message, remark) = open.assembler.finish(&mut self.inflater, &self.limits);
                self.remark(remark, frame.offset, events);
                if let Some(message) = message
                    && self.failure.is_none()
                {
                    events.push(Event::Message {
                        message,
                        offset: open.offset,
                    });
                }
            }
        }
    }

    fn end_control(&mut self, frame: OpenFrame, events: &mut Vec<Event>) {
        let payload = std::mem::take(&mut self.control);
        match frame.header.opcode {
            Opcode::Ping => events.push(Event::Ping(payload)),
            Opcode::Pong => events.push(Event::Pong(payload)),
            _ => {
                let close = parse_close(&payload);
                for deviation in close.deviations {
                    self.deviate(deviation, frame.offset, events);
                }
                self.close_received = true;
                events.push(Event::Close {
                    code: close.code,
                    reason: close.reason,
                });
            }
        }
    }

    fn remark(&mut self, remark: Option<Remark>, offset: u64, events: &mut Vec<Event>) {
        match remark {
            None => {}
            // One piece can bring two remarks, and reading may have stopped at the first.
            Some(_) if self.failure.is_some() => {}
            Some(Remark::Deviation(deviation)) => self.deviate(deviation, offset, events),
            Some(Remark::OverLimit(limit)) => {
                events.push(Event::OverLimit { limit, offset });
                if self.limits.stop_at.is_some() {
                    self.fail(match limit {
                        Limit::MessageBytes => CloseCode::TOO_BIG,
                        Limit::FramesPerMessage => CloseCode(1008),
                    });
                }
            }
        }
    }

    fn deviate(&mut self, deviation: FrameDeviation, offset: u64, events: &mut Vec<Event>) {
        self.deviations_seen = self.deviations_seen.saturating_add(1);
        if self
            .limits
            .stop_at
            .is_some_and(|bound| deviation.severity() >= bound)
        {
            self.fail(deviation.close_code());
        }
        if self.deviations_seen <= self.limits.deviations_max {
            events.push(Event::Deviation { deviation, offset });
        }
    }

    /// Stops reading and gives back what is held. The first code stays.
    fn fail(&mut self, code: CloseCode) {
        self.failure.get_or_insert(code);
        self.frame = None;
        self.header_bytes = 0;
        self.message = None;
        self.control = Vec::new();
    }
}
