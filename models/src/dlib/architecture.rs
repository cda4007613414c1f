//! The order of the network's layers. dlib's file carries parameters; which layer follows which is in the type of the
//! program that wrote it, so the same order stands here.

/// Side of the square input in pixels.
pub(super) const INPUT_SIDE: usize = 150;
/// Length of the output vector.
pub(super) const OUTPUT_LENGTH: usize = 128;
/// Channels after the first convolution.
pub(super) const FIRST_FILTERS: usize = 32;

/// One residual block: two 3×3 convolutions, added to the block's input.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    /// Channels that leave the block.
    pub(super) filters: usize,
    /// Whether it halves the picture. Its input is then average-pooled and given zero channels before the addition.
    pub(super) down: bool,
}

const fn same(filters: usize) -> Block {
    Block { filters, down: false }
}

const fn down(filters: usize) -> Block {
    Block { filters, down: true }
}

/// The residual blocks, from the input to the output.
pub(super) const BLOCKS: [Block; 14] = [
    same(32),
    same(32),
    same(32),
    down(64),
    same(64),
    same(64),
    same(64),
    down(128),
    same(128),
    same(128),
    down(256),
    same(256),
    same(256),
    down(256),
];

/// A convolution as its layer is built, without its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kernel {
    pub(super) filters: usize,
    pub(super) side: usize,
    pub(super) stride: usize,
    pub(super) padding: usize,
}

/// One layer of dlib's network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    Convolution(Kernel),
    /// A scale and a shift a channel.
    Affine,
    Relu,
    MaxPool,
    AveragePool,
    AddPrevious,
    /// The matrix at the end.
    FullyConnected,
    /// Marks a place that another layer refers to. It has no parameters.
    Tag,
    /// Goes on from a marked place. It has no parameters.
    Skip,
}

impl Block {
    /// The convolutions of the block.
    pub(super) const fn kernels(self) -> [Kernel; 2] {
        let (stride, padding) = if self.down { (2, 0) } else { (1, 1) };
        [
            Kernel {
                filters: self.filters,
                side: 3,
                stride,
                padding,
            },
            Kernel {
                filters: self.filters,
                side: 3,
                stride: 1,
                padding: 1,
            },
        ]
    }

    fn layers(self) -> Vec<Layer> {
        let [first, second] = self.kernels().map(Layer::Convolution);
        let mut layers = vec![
            Layer::Tag,
            first,
            Layer::Affine,
            Layer::Relu,
            second,
            Layer::Affine,
        ];
        if self.down {
            layers.extend([Layer::Tag, Layer::Skip, Layer::AveragePool]);
        }
        layers.extend([Layer::AddPrevious, Layer::Relu]);
        layers
    }
}

/// The convolution at the input.
pub(super) const FIRST: Kernel = Kernel {
    filters: FIRST_FILTERS,
    side: 7,
    stride: 2,
    padding: 0,
};

/// All layers from the input to the output, without the loss.
pub(super) fn layers() -> Vec<Layer> {
    let mut layers = vec![
        Layer::Convolution(FIRST),
        Layer::Affine,
        Layer::Relu,
        Layer::MaxPool,
    ];
    layers.extend(BLOCKS.into_iter().flat_map(Block::layers));
    layers.extend([Layer::AveragePool, Layer::FullyConnected]);
    layers
}
