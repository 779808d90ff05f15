// SPDX-License-Identifier: GPL-2.0-only

//! mymem in Rust: a block of kernel memory behind a character device.
//!
//! Loading and unloading.

mod block;
mod constants;
mod device;
mod ioctl;
mod lock;
mod memory;
mod node;

use kernel::{error::code::EINVAL, prelude::*};

use device::Device;
use node::Node;

module! {
    type: MymemRust,
    name: "mymem_rust",
    authors: ["The mymem authors"],
    description: "A block of kernel memory behind a character device, in Rust",
    license: "GPL",
    params: {
        size: u64 {
            default: crate::constants::MYMEM_DEFAULT_SIZE as u64,
            description: "Bytes",
        },
    },
}

#[pin_data]
struct MymemRust {
    #[pin]
    _node: Node,
}

impl kernel::InPlaceModule for MymemRust {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let device = new_device(*module_parameters::size.value_ref());

        try_pin_init!(Self {
            _node <- Node::register(device?),
        })
    }
}

fn new_device(bytes: u64) -> Result<kernel::sync::Arc<Device>> {
    if bytes == 0 {
        pr_err!("size=0 is not a size: give a number of bytes above 0\n");
        return Err(EINVAL);
    }

    let device = Device::new(bytes).inspect_err(|error| {
        pr_err!(
            "size={bytes} is more memory than can be had: give less (error {})\n",
            error.to_errno()
        )
    })?;
    Ok(device)
}
